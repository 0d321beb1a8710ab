import { randomBytes } from "node:crypto";
import { initTRPC } from "@trpc/server";
import superjson from "superjson";
import { defineJob, defineJobs, type JobLogLine } from "telltale";
import { createTelltale } from "telltale/server";
import { type Authorize, createJobsRouter, type Subject, telltaleErrorFormatter } from "telltale/trpc";
import { expect, onTestFinished } from "vitest";
import { z } from "zod";
import { all, ann, bob, type Context, refusal, root, test } from "./harness.js";

const spec = { input: z.object({}), output: z.object({}) };
const jobs = defineJobs(defineJob("shown", { ...spec, logs: "owner" }), defineJob("hidden", spec));
const t = initTRPC.context<Context>().create({ transformer: superjson, errorFormatter: telltaleErrorFormatter });

/** A server, and a running job of ann of this kind with these lines in its log. */
async function logged(
  { url }: Readonly<{ url: string }>,
  { kind, lines = [], authorize }: { kind: "shown" | "hidden"; lines?: readonly string[]; authorize?: Authorize },
) {
  const prefix = `t${randomBytes(4).toString("hex")}`;
  const telltale = createTelltale({ jobs, redis: url, prefix, logger: false });
  onTestFinished(() => telltale[Symbol.asyncDispose]());
  const router = t.router({
    jobs: createJobsRouter(telltale, {
      procedure: t.procedure,
      subject: (ctx) => ctx.subject,
      submit: [kind],
      ...(authorize && { authorize }),
    }),
  });
  const as = (subject: Subject | null) => router.createCaller({ subject }).jobs;
  const { id, token } = await as(ann).submit({ kind, input: {} });
  const scripts = telltale.$engine.scripts(kind);
  const { jobs: claimed } = await scripts.claim({ loop: "l", request: "r", room: 1, leaseMs: 30_000 });
  const lease = { id, fence: claimed[0]?.fence ?? 0 };
  const log = (from: number, texts: readonly string[]): Promise<void> =>
    scripts.log({
      ...lease,
      lines: texts.map((text, i) => ({
        ...{ number: from + i, ageMs: 0, level: "info", data: '{"a":1}' },
        message: JSON.stringify(text),
      })),
    });
  await log(1, lines);
  const finish = (): Promise<void> => scripts.complete({ ...lease, output: '{"json":{}}', pending: null });
  return { as, id, token, log, finish };
}

const UNKNOWN = "shown_00000000000000000000000000000000";

test("an operator reads a log page by page, and resumes after any position", async ({ server }) => {
  const { as, id } = await logged(server, { kind: "hidden", lines: ["a", "b", "c"] });

  const first = await as(root).logs({ id, limit: 2 });
  const second = await as(root).logs({ id, after: first.position ?? "", limit: 2 });
  const none = await as(root).logs({ id, after: second.position ?? "" });

  expect(first).toMatchObject({
    lines: [{ id, n: 1, round: 1, attempt: 1, level: "info", message: "a", data: { a: 1 } }, { n: 2 }],
    hasMore: true,
  });
  expect(second).toMatchObject({ lines: [{ n: 3, message: "c" }], hasMore: false });
  expect(none).toEqual({ lines: [], position: second.position, hasMore: false });
});

test("the log of a job that logged nothing is empty", async ({ server }) => {
  const { as, id, finish } = await logged(server, { kind: "hidden" });
  await finish();

  expect(await as(root).logs({ id })).toEqual({ lines: [], position: null, hasMore: false });
  expect(await all(as(root).onLogs({ id }))).toEqual([]);
});

test("a follower gets the stored lines, those that follow, and the end, and can resume after any of them", async ({
  server,
}) => {
  const { as, id, log, finish } = await logged(server, { kind: "hidden", lines: ["a", "b"] });
  const following = all(as(root).onLogs({ id }));
  await log(3, ["c"]);
  await finish();

  const received = await following;
  const rest = await all(as(root).onLogs({ id, lastEventId: String(received[0]?.[0]) }));

  const texts = (events: readonly [string, JobLogLine][]): string[] => events.map(([, { message }]) => message);
  expect(texts(received)).toEqual(["a", "b", "c"]);
  expect(rest).toEqual(received.slice(1));
  expect((await as(root).logs({ id })).position).toBe(String(received[2]?.[0]));
});

test("the owner and the holder of the token read the log if the contract says so", async ({ server }) => {
  const { as, id, token, finish } = await logged(server, { kind: "shown", lines: ["a"] });
  await finish();

  for (const page of [await as(ann).logs({ id }), await as(bob).logs({ id, token }), await as(root).logs({ id })]) {
    expect(page.lines).toMatchObject([{ message: "a" }]);
  }
  expect(await all(as(null).onLogs({ id, token }))).toHaveLength(1);
});

test("otherwise they get forbidden, although they may watch the job", async ({ server }) => {
  const { as, id, token } = await logged(server, { kind: "hidden", lines: ["a"] });

  for (const [who, ref] of [
    [ann, { id }],
    [bob, { id, token }],
    [null, { id, token }],
  ] as const) {
    expect(await refusal(as(who).logs(ref))).toMatchObject({ code: "FORBIDDEN", cause: "forbidden" });
    expect(await refusal(all(as(who).onLogs(ref)))).toMatchObject({ code: "FORBIDDEN", cause: "forbidden" });
  }
});

test.for(["shown", "hidden"] as const)(
  "others get the same not_found as for a missing job, and without credentials unauthorized (%s)",
  async (kind, { server }) => {
    const { as, id } = await logged(server, { kind, lines: ["a"] });

    for (const call of ["logs", "onLogs"] as const) {
      const ask = (who: Subject | null, one: string): Promise<unknown> =>
        call === "logs" ? as(who).logs({ id: one }) : all(as(who).onLogs({ id: one }));
      const foreign = await refusal(ask(bob, id));
      const missing = await refusal(ask(bob, UNKNOWN));
      expect(missing).toMatchObject({ code: "NOT_FOUND", cause: "not_found" });
      expect(foreign).toEqual({ ...missing, message: missing.message.replace(UNKNOWN, id) });
      expect(await refusal(ask(null, id))).toMatchObject({ code: "UNAUTHORIZED", cause: "unauthorized" });
    }
  },
);

test("an application's own rule decides who is an operator of a log", async ({ server }) => {
  const asked: string[] = [];
  const authorize: Authorize = ({ action, kind, owner, subject }) => {
    asked.push(`${action} ${kind} ${owner}`);
    return action !== "operate" || subject?.id === "bob";
  };
  const { as, id } = await logged(server, { kind: "hidden", lines: ["a"], authorize });

  expect((await as(bob).logs({ id })).lines).toHaveLength(1);
  expect(await refusal(as(ann).logs({ id }))).toMatchObject({ cause: "forbidden" });
  expect(asked.slice(-2)).toEqual(["watch hidden ann", "operate hidden ann"]);
});

test.for([
  { after: "x".repeat(65) },
  { after: 1 },
  { limit: 0 },
  { limit: 1_001 },
  { limit: 1.5 },
  { limit: "10" },
  { cursor: "a" },
  { id: "x" },
])("an invalid question about a log is refused: %j", async (wrong, { server }) => {
  const { as, id } = await logged(server, { kind: "hidden" });

  expect(await refusal(as(root).logs({ id, ...wrong } as never))).toMatchObject({ cause: "invalid_input" });
});
