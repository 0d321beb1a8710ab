import { randomUUID } from "node:crypto";
import type { testRedis } from "@telltale/testkit";
import { initTRPC } from "@trpc/server";
import { defineJob, defineJobs, type Observer, transformer } from "telltale";
import { createGateway, type GatewayOptions } from "telltale/gateway";
import { createTelltale } from "telltale/server";
import { createJobsRouter, type Subject, telltaleErrorFormatter } from "telltale/trpc";
import { z } from "zod";
import { encode } from "../../src/core/codec/codec.js";
import { openSocket } from "./open-socket.js";

const report = defineJob("report", {
  input: z.object({}),
  progress: z.object({ n: z.int(), text: z.string() }),
  output: z.object({}),
});
const jobs = defineJobs(report);

/** A message as a watcher received it. */
export interface Received {
  readonly id: unknown;
  readonly type: "started" | "data" | "stopped" | "error";
  /** The tracked id. */
  readonly position: string;
  readonly event: {
    readonly id: string;
    readonly status: string;
    readonly progress?: { readonly n: number };
    readonly error?: object;
  };
  readonly text: string;
}

type Transformer = GatewayOptions["router"]["_def"]["_config"]["transformer"]["output"];

/** Options of `openLiveJob`. */
export interface LiveJobOptions {
  readonly redis: Awaited<ReturnType<typeof testRedis>>;
  readonly limits?: GatewayOptions["limits"];
  readonly observer?: Observer;
  /** The router's transformer. @default Telltale's */
  readonly by?: Transformer;
}

/**
 * A gateway with a running job whose owner is `ann`. It serves the jobs router twice: as `jobs`, and as `wrapped`, whose procedure has
 * a middleware that takes events from the generator and yields them itself, without reports about an odd `n`.
 */
export async function openLiveJob({ redis, limits, observer, by = transformer }: LiveJobOptions) {
  const telltale = createTelltale({
    ...{ jobs, redis: redis.url, prefix: `d${randomUUID().slice(0, 8)}`, logger: false as const },
    ...(observer ? { observer } : {}),
  });
  let encoded = 0;
  const counting: Transformer = {
    serialize: (value) => {
      if (typeof value === "object" && value !== null && "data" in value) encoded++;
      return by.serialize(value);
    },
    deserialize: (wire) => by.deserialize(wire),
  };
  const t = initTRPC
    .context<{ subject: Subject | null }>()
    .create({ transformer: counting, errorFormatter: telltaleErrorFormatter });
  const wrapping = t.procedure.use(async ({ next }) => {
    const result = await next();
    if (!result.ok) return result;
    // A stream, because it is only used for subscriptions.
    const stream = result.data as AsyncIterable<readonly [string, Received["event"]]>;
    async function* even() {
      for await (const one of stream) if ((one[1].progress?.n ?? 0) % 2 === 0) yield one;
    }
    return { ...result, data: even() };
  });
  const made = { subject: ({ subject }: { subject: Subject | null }) => subject, submit: ["report"] as const };
  const gateway = createGateway({
    router: t.router({
      jobs: createJobsRouter(telltale, { ...made, procedure: t.procedure }),
      wrapped: createJobsRouter(telltale, { ...made, procedure: wrapping }),
    }),
    createContext: ({ req }) => {
      const id = new URL(req.url ?? "", "http://localhost").searchParams.get("as") ?? "ann";
      return { subject: { id, operator: id === "root" } };
    },
    logger: false,
    limits,
  });
  const { port } = await gateway.listen(0);
  const scripts = telltale.$engine.scripts("report");

  /** A job that runs. */
  async function start() {
    const { id } = await telltale.report.submit({}, { owner: "ann" });
    const { jobs: leased } = await scripts.claim({ loop: id, request: id, room: 100, leaseMs: 60_000 });
    const lease = leased.find((job) => job.id === id);
    if (!lease) throw new Error(`${id} was not claimed`);
    const { fence } = lease;
    return {
      id,
      report: (n: number, text = "") => scripts.progress({ id, fence, n, progress: encode({ n, text }) }),
      complete: () => scripts.complete({ id, fence, output: encode({}), pending: null }),
      failAttempt: (detail: string) => {
        const error = encode({ code: "handler_error", message: "The handler failed.", detail });
        return scripts.fail({ id, fence, error, retryInMs: 60_000, pending: null });
      },
    };
  }

  /** A socket of a user, with all that it has received. */
  async function connect(as = "ann") {
    const socket = await openSocket(`ws://127.0.0.1:${port}/trpc?as=${as}`);
    const received: Received[] = [];
    socket.ws.on("message", (data) => {
      const text = String(data);
      if (text === "PING" || text === "PONG") return;
      const { id, result, error } = JSON.parse(text);
      const data_ = result?.data && Object(by.deserialize(result.data));
      const type = error ? "error" : result.type;
      received.push({ id, type, position: result?.id, event: data_?.data, text });
    });
    return {
      socket,
      received,
      /** The numbers of the progress reports of one subscription. */
      reports: (id: unknown = 1): number[] =>
        received.flatMap((one) => (one.id === id && one.event?.progress ? one.event.progress.n : [])),
      /** Resolves when the subscription has received that the job runs. */
      async watch(
        jobId: string,
        {
          id = 1,
          path = "jobs.onStatus",
          ...rest
        }: Readonly<{ id?: unknown; path?: string; lastEventId?: string; jsonrpc?: "2.0" }> = {},
      ): Promise<void> {
        const { lastEventId, jsonrpc } = rest;
        const input = by.serialize({ id: jobId });
        socket.send({ id, jsonrpc, method: "subscription", params: { path, input, lastEventId } });
        if (lastEventId === undefined)
          await socket.next((one) => one.id === id && String(JSON.stringify(one)).includes("running"));
        else await socket.next((one) => one.id === id && one.result?.type === "started");
      },
      [Symbol.dispose]: () => socket[Symbol.dispose](),
    };
  }

  return {
    ...{ telltale, gateway, start, connect },
    /** How many events were encoded so far. */
    encoded: (): number => encoded,
    async [Symbol.asyncDispose]() {
      await gateway.close({ graceMs: 0 });
      await telltale[Symbol.asyncDispose]();
    },
  };
}
