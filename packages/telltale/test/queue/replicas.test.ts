import { createTcpProxy, type TcpProxy, testRedis, waitFor } from "@telltale/testkit";
import { Redis } from "ioredis";
import { createTelltale, type Telltale } from "telltale/server";
import { expect, test } from "vitest";
import { jobs } from "./harness.js";

const input = { width: 1 };
const idempotencyKey = "k";

test("a submit that waits for a replica resolves when the replica has the job, and does not delay other submits", async () => {
  await using primary = await replicated();
  await using telltale = createTelltale({
    jobs,
    redis: primary.line.url,
    logger: false,
    replicas: 1,
    replicaWaitMs: 3_000,
  });
  const { id } = await telltale.resize.submit(input);
  expect(await primary.replicaHas(id)).toBe(true);

  primary.replication.blackhole();
  let isAnswered = false;
  const submitted = telltale.resize.submit(input).finally(() => {
    isAnswered = true;
  });
  await waitFor(async () => (await primary.jobs()) === 2);
  expect((await telltale.$engine.find.read(id))?.status).toBe("queued");
  expect(isAnswered).toBe(false);
  primary.replication.pass();

  expect(await primary.replicaHas((await submitted).id)).toBe(true);
});

test("a submit that a stalled replica does not acknowledge rejects in time with outcome_unknown, and its repeat finds the job", async () => {
  await using primary = await replicated();
  await using telltale = createTelltale({
    jobs,
    redis: primary.line.url,
    logger: false,
    replicas: 1,
    replicaWaitMs: 300,
  });
  await storedOnReplica(telltale);
  const before = await primary.jobs();

  primary.replication.blackhole();
  const startedAt = performance.now();
  const submitted = telltale.resize.submit(input, { idempotencyKey });
  await expect(submitted).rejects.toMatchObject({ code: "outcome_unknown" });
  expect(performance.now() - startedAt).toBeLessThan(3_000);

  // A process that only finds the job, on a connection that has written nothing yet.
  await using elsewhere = createTelltale({
    jobs,
    redis: primary.line.url,
    logger: false,
    replicas: 1,
    replicaWaitMs: 300,
  });
  await expect(elsewhere.resize.submit(input, { idempotencyKey })).rejects.toMatchObject({ code: "outcome_unknown" });
  primary.replication.pass();
  const job = await resolved(telltale);

  expect(await primary.jobs()).toBe(before + 1);
  expect(await primary.replicaHas(job.id)).toBe(true);
});

test("many concurrent submits wait for a stalled replica together, not one after the other", async () => {
  await using primary = await replicated();
  await using telltale = createTelltale({
    jobs,
    redis: primary.line.url,
    logger: false,
    replicas: 1,
    replicaWaitMs: 500,
  });
  await storedOnReplica(telltale);

  primary.replication.blackhole();
  const startedAt = performance.now();
  const submits: Promise<unknown>[] = [];
  for (let count = 0; count < 30; count++) {
    submits.push(telltale.resize.submit(input));
    await new Promise(setImmediate);
  }
  const outcomes = await Promise.allSettled(submits);

  expect(new Set(outcomes.map((outcome) => outcome.status === "rejected" && outcome.reason.code))).toEqual(
    new Set(["outcome_unknown"]),
  );
  expect(performance.now() - startedAt).toBeLessThan(5_000);
});

test("a submit whose primary was replaced while it waited is not reported as stored on the new primary", async () => {
  await using primary = await replicated();
  await using second = await testRedis({ config: follows(primary.replicaLine) });
  await using telltale = createTelltale({
    jobs,
    redis: primary.line.url,
    logger: false,
    replicas: 1,
    replicaWaitMs: 3_000,
  });
  await telltale.resize.submit(input);
  primary.replication.blackhole();
  const submitted = telltale.resize.submit(input, { idempotencyKey });
  const outcome = expect(submitted).rejects.toMatchObject({ code: "outcome_unknown" });
  await waitFor(async () => (await primary.jobs()) === 2);

  await primary.promoteReplica();
  await outcome;
  const job = await resolved(telltale);

  expect(await primary.replicaHas(job.id)).toBe(true);
  using last = disposable(new Redis(second.url));
  expect(await last.redis.exists(`telltale:{resize}:job:${job.id}`)).toBe(1);
});

test.for([
  [{ replicas: -1 }],
  [{ replicas: 1.5 }],
  [{ replicas: 1, replicaWaitMs: 0 }],
  [{ replicas: 1, replicaWaitMs: 3_001 }],
] as const)("%j is refused as an option for waiting for replicas", ([options]) => {
  expect(() => createTelltale({ jobs, redis: "redis://127.0.0.1:1", ...options })).toThrow(/replica/);
});

interface Replicated extends AsyncDisposable {
  /** The proxy between clients and the current primary. */
  readonly line: TcpProxy;
  /** The proxy between the replica and its primary. */
  readonly replication: TcpProxy;
  /** The proxy between the replica and a replica of it. */
  readonly replicaLine: TcpProxy;
  /** The number of jobs on the primary. */
  jobs(): Promise<number>;
  replicaHas(id: string): Promise<boolean>;
  /** Stops the primary, promotes its replica, and connects clients to it. */
  promoteReplica(): Promise<void>;
}

async function replicated(): Promise<Replicated> {
  const primary = await testRedis({ config: { "repl-diskless-sync-delay": "0" } });
  const replication = await createTcpProxy({ target: { path: primary.socketPath } });
  const replica = await testRedis({ config: follows(replication) });
  const replicaLine = await createTcpProxy({ target: { path: replica.socketPath } });
  const target = { path: primary.socketPath };
  const line = await createTcpProxy({ target });
  const onPrimary = new Redis(primary.url);
  const onReplica = new Redis(replica.url);
  for (const redis of [onPrimary, onReplica]) redis.on("error", () => {});
  // A primary counts a replica only after its first acknowledgement, which comes up to a second after their link is up.
  await waitFor(async () => (await onPrimary.info("replication")).includes("state=online"), { timeoutMs: 15_000 });
  return {
    ...{ line, replication, replicaLine },
    jobs: async () => (await onPrimary.keys("telltale:{*}:job:*")).length,
    replicaHas: async (id) => (await onReplica.exists(`telltale:{resize}:job:${id}`)) === 1,
    async promoteReplica() {
      target.path = replica.socketPath;
      await primary.kill();
      replication.cutAll();
      await onReplica.replicaof("NO", "ONE");
    },
    async [Symbol.asyncDispose]() {
      for (const redis of [onPrimary, onReplica]) redis.disconnect();
      await Promise.all([line, replication, replicaLine].map((proxy) => proxy.stop()));
      await Promise.all([primary.stop(), replica.stop()]);
    },
  };
}

function follows(line: TcpProxy): Readonly<Record<string, string>> {
  return { replicaof: `127.0.0.1 ${line.port}`, "repl-diskless-sync-delay": "0" };
}

/** Submits until a job is acknowledged by the replica, since even a healthy one can exceed a short wait on a busy machine. */
async function storedOnReplica(telltale: Telltale<typeof jobs>): Promise<void> {
  await waitFor(() =>
    telltale.archive.submit(input).then(
      () => true,
      () => false,
    ),
  );
}

/** Repeats the submit with its key until it succeeds, as a caller does after outcome_unknown. */
function resolved(telltale: Telltale<typeof jobs>): Promise<{ readonly id: string }> {
  return waitFor(() => telltale.resize.submit(input, { idempotencyKey }).catch(() => null), { timeoutMs: 15_000 });
}

function disposable(redis: Redis): { readonly redis: Redis } & Disposable {
  return { redis, [Symbol.dispose]: () => redis.disconnect() };
}
