import { randomBytes } from "node:crypto";
import { connect } from "node:net";
import { testRedis } from "@telltale/testkit";
import { initTRPC } from "@trpc/server";
import superjson from "superjson";
import { defineJob, defineJobs } from "telltale";
import { createTelltale, type Telltale } from "telltale/server";
import { createJobsRouter, type JobsRouterOptions, type Subject, telltaleErrorFormatter } from "telltale/trpc";
import { test as base } from "vitest";
import { z } from "zod";
import { encode } from "../../src/core/codec/codec.js";
import { type Sink, withSink } from "../../src/trpc/sink.js";

export const echo = defineJob("echo", {
  input: z.object({ text: z.string().min(1) }),
  chunk: z.object({ line: z.string() }),
  output: z.object({ text: z.string(), at: z.date() }),
});
/** A job that clients cannot submit. */
export const sweep = defineJob("sweep", { input: z.object({}), output: z.object({}) });
export const jobs = defineJobs(echo, sweep);

export interface Context {
  readonly subject: Subject | null;
}

const t = initTRPC.context<Context>().create({ transformer: superjson, errorFormatter: telltaleErrorFormatter });

type Options = JobsRouterOptions<Context, object, "echo">;

/** Returns a function that creates a caller of a jobs router for a subject, without a transport in between. */
export function callerFor(telltale: Telltale<typeof jobs>, options: Partial<Options> = {}) {
  const router = t.router({
    jobs: createJobsRouter(telltale, {
      procedure: t.procedure,
      subject: (ctx) => ctx.subject,
      submit: ["echo"],
      ...options,
    }),
  });
  return (subject: Subject | null, signal?: AbortSignal, sink?: Sink) => {
    const ctx = sink ? { subject, ...withSink({}, sink) } : { subject };
    return router.createCaller(ctx, signal === undefined ? {} : { signal }).jobs;
  };
}

export interface Harness {
  readonly telltale: Telltale<typeof jobs>;
  readonly as: ReturnType<typeof callerFor>;
  /** Runs the job to completion, as a worker would. */
  readonly finish: (id: string) => Promise<void>;
  /** Fails the job without a retry, with a `detail` that only operators may read. */
  readonly breakDown: (id: string, detail: string) => Promise<void>;
}

export const test = base.extend<{ h: Harness; server: Awaited<ReturnType<typeof testRedis>> }>({
  server: [
    // biome-ignore lint/correctness/noEmptyPattern: vitest reads the dependencies of a fixture from this pattern.
    async ({}, use) => {
      await using server = await testRedis();
      await use(server);
    },
    { scope: "file" },
  ],
  h: async ({ server }, use) => {
    await using telltale = createTelltale({ jobs, redis: server.url, prefix: `t${randomBytes(4).toString("hex")}` });
    const scripts = telltale.$engine.scripts("echo");
    const claim = async (id: string) => {
      const { jobs: leased } = await scripts.claim({ loop: id, request: id, room: 100, leaseMs: 30_000 });
      const lease = leased.find((job) => job.id === id);
      if (!lease) throw new Error(`${id} was not claimed`);
      return { id, fence: lease.fence, pending: null };
    };
    await use({
      telltale,
      as: callerFor(telltale),
      finish: async (id) => {
        const lease = await claim(id);
        await scripts.chunk({ ...lease, first: 1, pieces: [encode({ line: "one" }), encode({ line: "two" })] });
        await scripts.complete({ ...lease, output: encode({ text: "done", at: new Date(0) }) });
      },
      breakDown: async (id, detail) => {
        const error = encode({ code: "handler_error", message: "The handler failed.", detail });
        await scripts.fail({ ...(await claim(id)), error, retryInMs: null });
      },
    });
  },
});

export const ann: Subject = { id: "ann" };
export const bob: Subject = { id: "bob" };
export const root: Subject = { id: "root", operator: true };

/** Returns the codes and the message of a call that must be rejected. */
export async function refusal(
  call: Promise<unknown>,
): Promise<{ code: string; message: string; cause: string | undefined }> {
  const error: unknown = await call.then(
    () => new Error("The call was not rejected"),
    (reason: unknown) => reason,
  );
  const { code, message, cause } = error as { code: string; message: string; cause?: { code?: string } };
  return { code, message, cause: cause?.code };
}

/** Returns all events of a subscription until it ends, each with its tracked id. */
export async function all<D>(
  subscription: Promise<AsyncIterable<{ id: string; data: D }>>,
): Promise<[id: string, data: D][]> {
  const events: [string, D][] = [];
  for await (const one of await subscription) {
    // Without a transport, tRPC returns the tracked envelope, a tuple. Its types describe the client's form.
    const [id, data] = one as unknown as readonly [string, D];
    events.push([id, data]);
  }
  return events;
}

/** Returns the number of keys of a Redis server. */
export async function keyCount({ socketPath }: Readonly<{ socketPath: string }>): Promise<number> {
  const socket = connect(socketPath);
  socket.write("DBSIZE\r\n");
  const reply = await new Promise<Buffer>((resolve) => socket.once("data", resolve));
  socket.destroy();
  return Number(/^:(\d+)\r\n/.exec(reply.toString())?.[1]);
}
