import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { initTRPC, TRPCError, type TrackedEnvelope } from "@trpc/server";
import { createHTTPHandler } from "@trpc/server/adapters/standalone";
import { applyWSSHandler } from "@trpc/server/adapters/ws";
import { hasCode, isErrorCode, transformer } from "telltale";
import { WebSocketServer } from "ws";
import { z } from "zod";

/** The input and the headers of a call. */
export interface Call {
  readonly input: Record<string, unknown>;
  readonly authorization: string | undefined;
  readonly jobToken: string | string[] | undefined;
  readonly url: string | undefined;
  readonly signal: AbortSignal;
}

type Frames = (call: Call) => AsyncIterable<TrackedEnvelope<unknown>>;

/** The server's scripted replies. The jobs are made up, because these tests are about the client's transport only. */
export interface Answers {
  readonly submit?: (call: Call) => unknown;
  readonly submitMany?: (items: readonly Record<string, unknown>[]) => unknown;
  readonly cancel?: (call: Call) => unknown;
  readonly get?: (call: Call) => unknown;
  readonly list?: (call: Call) => unknown;
  readonly onStatus?: Frames;
  readonly onChunk?: Frames;
}

/** The router of `startJobsServer`, with the jobs procedures at its root and also under `jobs`. */
export type App = Awaited<ReturnType<typeof startJobsServer>>["app"];

/** Starts a real tRPC server, HTTP and WebSocket on one port, with the procedures of a jobs router and scripted replies. */
export async function startJobsServer(answers: Answers) {
  const t = initTRPC.context<{ req: IncomingMessage; params: Record<string, unknown> | null }>().create({
    transformer,
    errorFormatter: ({ shape, error }) => ({
      ...shape,
      data: { ...shape.data, stack: undefined, telltale: codeOf(error.cause) },
    }),
  });
  const procedure = t.procedure.input(z.record(z.string(), z.unknown()));
  const many = t.procedure.input(z.array(z.record(z.string(), z.unknown())).max(50));
  const callOf = (opts: {
    ctx: { req: IncomingMessage; params: Record<string, unknown> | null };
    input: Record<string, unknown>;
    signal: AbortSignal | undefined;
  }): Call => ({
    input: opts.input,
    authorization: String(opts.ctx.params?.authorization ?? opts.ctx.req.headers.authorization),
    jobToken: opts.ctx.req.headers["telltale-job-token"],
    url: opts.ctx.req.url,
    signal: opts.signal ?? new AbortController().signal,
  });
  const frames = (answer: Frames | undefined) =>
    procedure.subscription(async function* (opts) {
      if (!answer) throw new TRPCError({ code: "NOT_FOUND" });
      yield* answer(callOf(opts));
    });
  const router = t.router({
    submit: procedure.mutation((opts) => answers.submit?.(callOf(opts))),
    submitMany: many.mutation((opts) => answers.submitMany?.(opts.input)),
    cancel: procedure.mutation((opts) => answers.cancel?.(callOf(opts))),
    get: procedure.query((opts) => answers.get?.(callOf(opts))),
    list: procedure.query((opts) => answers.list?.(callOf(opts))),
    onStatus: frames(answers.onStatus),
    onChunk: frames(answers.onChunk),
  });
  const app = t.router({ ...router._def.record, jobs: router });

  const sockets = new Set<Socket>();
  const server = createServer(
    createHTTPHandler({
      router: app,
      basePath: "/trpc/",
      allowMethodOverride: true,
      createContext: ({ req }) => ({ req, params: null }),
    }),
  );
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  const wss = new WebSocketServer({ noServer: true });
  const { broadcastReconnectNotification } = applyWSSHandler({
    wss,
    router: app,
    createContext: ({ req, info }) => ({ req, params: info.connectionParams }),
  });
  server.on("upgrade", (req, socket, head) =>
    wss.handleUpgrade(req, socket, head, (ws) => wss.emit("connection", ws, req)),
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = address(server.address());

  return {
    app,
    url: `http://127.0.0.1:${port}`,
    sockets,
    /** Cuts every connection without a close frame. */
    cut: () => {
      for (const socket of sockets) socket.destroy();
    },
    askToReconnect: broadcastReconnectNotification,
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function codeOf(cause: unknown): { code: string } | undefined {
  if (!(cause instanceof Error) || !("code" in cause) || !isErrorCode(cause.code)) return undefined;
  return hasCode(cause, cause.code) ? { code: cause.code } : undefined;
}

function address(value: string | AddressInfo | null): AddressInfo {
  if (value === null || typeof value === "string") throw new Error("The server does not listen on a port");
  return value;
}
