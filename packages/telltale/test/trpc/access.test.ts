import { randomBytes } from "node:crypto";
import { initTRPC } from "@trpc/server";
import { Redis } from "ioredis";
import { SignJWT } from "jose";
import { defineJob, defineJobs } from "telltale";
import { createTelltale } from "telltale/server";
import { createJobsRouter, type Subject } from "telltale/trpc";
import { describe, expect, onTestFinished } from "vitest";
import { z } from "zod";
import { all, ann, bob, callerFor, type Harness, refusal, root, test } from "./harness.js";

const UNKNOWN = "echo_00000000000000000000000000000000";

async function annsJob(h: Harness): Promise<{ id: string; token: string }> {
  return h.as(ann).submit({ kind: "echo", input: { text: "mine" } });
}

/** Every call that takes the id of a job. */
function attempts(
  h: Harness,
  who: Parameters<Harness["as"]>[0],
  id: string,
  token?: string,
): Record<string, () => Promise<unknown>> {
  const ref = token === undefined ? { id } : { id, token };
  return {
    get: () => h.as(who).get(ref),
    cancel: () => h.as(who).cancel(ref),
    rerun: () => h.as(who).rerun({ id }),
    onStatus: () => all(h.as(who).onStatus({ ...ref, lastEventId: "abc:1.0" })),
    onChunk: () => all(h.as(who).onChunk(ref)),
  };
}

test.for(["get", "cancel", "rerun", "onStatus", "onChunk"])(
  "%s gives the same error for another user's job as for a missing one",
  async (name, { h }) => {
    const { id } = await annsJob(h);
    const before = await h.telltale.$engine.find.read(id);

    const foreign = await refusal(attempts(h, bob, id)[name]?.() ?? Promise.resolve());
    const missing = await refusal(attempts(h, bob, UNKNOWN)[name]?.() ?? Promise.resolve());

    expect(missing).toMatchObject({ code: "NOT_FOUND", cause: "not_found" });
    expect(foreign).toEqual({ ...missing, message: missing.message.replace(UNKNOWN, id) });
    expect(await h.telltale.$engine.find.read(id)).toEqual(before);
    expect(h.telltale.$engine.hub.load).toEqual({ watchers: 0, channels: 0 });
  },
);

test.for(["get", "cancel", "rerun", "onStatus", "onChunk"])(
  "%s rejects a caller without login and token with unauthorized, whether or not the job exists",
  async (name, { h }) => {
    const { id } = await annsJob(h);

    for (const one of [id, UNKNOWN]) {
      const refused = await refusal(attempts(h, null, one)[name]?.() ?? Promise.resolve());
      expect(refused).toMatchObject({ code: "UNAUTHORIZED", cause: "unauthorized" });
      expect(refused.message).not.toContain(one);
    }
  },
);

test("a job's token lets any caller get and cancel the job, but not rerun it", async ({ h }) => {
  const { id, token } = await annsJob(h);

  expect(await h.as(null).get({ id, token })).toMatchObject({ status: "queued" });
  expect(await refusal(h.as(bob).rerun({ id }))).toMatchObject({ cause: "not_found" });
  expect(await h.as(null).cancel({ id, token })).toEqual({ outcome: "cancelled" });
});

test("the token of a connection lets any caller get and cancel its job, but not operate on it", async ({ h }) => {
  const { id, token } = await annsJob(h);
  const as = callerFor(h.telltale, { token: () => token });

  for (const [who, cause] of [
    [null, "not_found"],
    [bob, "not_found"],
    [ann, "forbidden"],
  ] as const) {
    expect(await refusal(as(who).rerun({ id }))).toMatchObject({ cause });
    expect(await as(who).get({ id })).toMatchObject({ status: "queued", round: 1 });
  }
  expect(await as(null).cancel({ id })).toEqual({ outcome: "cancelled" });
  expect(await refusal(as(bob).rerun({ id }))).toMatchObject({ cause: "not_found" });
  expect(await as(bob).get({ id })).toMatchObject({ status: "cancelled", round: 1 });
});

describe("another user's job and a missing one cost the same lookups, so that the time does not tell them apart", () => {
  const contract = { input: z.object({ text: z.string() }), output: z.unknown() };
  const jobs = (queue: string, formerQueues: string[] = []) =>
    defineJobs(
      defineJob("echo", { ...contract, queue, formerQueues }),
      defineJob("sweep", { ...contract, queue: "old" }),
    );
  const asks = ["exists", "eval", "evalsha"];

  test.for([
    ["in the queue of its kind", "new", jobs("new", ["old", "older"])],
    ["in a former queue of its kind", "old", jobs("new", ["old", "older"])],
    ["in a queue without former ones", "new", jobs("new")],
    ["in a queue that its contract does not name", "old", jobs("new")],
  ] as const)("a job %s", async ([, where, contracts], { server }) => {
    const prefix = `t${randomBytes(4).toString("hex")}`;
    await using owner = createTelltale({ jobs: jobs(where), redis: server.url, prefix });
    await using telltale = createTelltale({ jobs: contracts, redis: server.url, prefix });
    const t = initTRPC.context<{ subject: Subject }>().create();
    const router = t.router({
      jobs: createJobsRouter(telltale, { procedure: t.procedure, subject: (ctx) => ctx.subject, submit: ["echo"] }),
    });
    const as = router.createCaller({ subject: bob }).jobs;
    const redis = new Redis(server.url);
    onTestFinished(() => redis.disconnect());
    const { id } = await owner.echo.submit({ text: "ann's" }, { owner: "ann" });
    const costs = async (ref: string, call: "get" | "cancel"): Promise<(string | undefined)[]> => {
      await redis.config("RESETSTAT");
      expect(await refusal(as[call]({ id: ref }))).toMatchObject({ cause: "not_found" });
      const stats = await redis.info("commandstats");
      return asks.map((name) => new RegExp(`cmdstat_${name}:calls=(\\d+)`).exec(stats)?.[1]);
    };
    await refusal(as.get({ id: UNKNOWN }));

    for (const call of ["get", "cancel"] as const) expect(await costs(id, call)).toEqual(await costs(UNKNOWN, call));
  });
});

test("a token gives access to its own job only", async ({ h }) => {
  const mine = await h.as(bob).submit({ kind: "echo", input: { text: "bob's" } });
  const { id } = await annsJob(h);

  expect(await refusal(h.as(bob).get({ id, token: mine.token }))).toMatchObject({ cause: "not_found" });
});

test.for(["", "x", "a.b.c", "eyJhbGciOiJub25lIn0.eyJhdWQiOiJ0ZWxsdGFsZTpqb2IifQ.", "é".repeat(50)])(
  "a malformed token (%s) gives no access and the usual not_found",
  async (token, { h }) => {
    const { id } = await annsJob(h);

    expect(await refusal(h.as(bob).get({ id, token }))).toMatchObject({ code: "NOT_FOUND", cause: "not_found" });
  },
);

test("a token for another purpose that is signed with the same secret is not accepted as a job token", async ({
  h,
}) => {
  const secret = "s".repeat(32);
  const as = callerFor(h.telltale, { secrets: [secret] });
  const { id } = await as(ann).submit({ kind: "echo", input: { text: "a" } });
  const forged = await new SignJWT({})
    .setProtectedHeader({ alg: "HS256" })
    .setSubject(id)
    .setAudience("telltale:job")
    .setExpirationTime("1h")
    .sign(new TextEncoder().encode(secret));

  expect(await refusal(as(bob).get({ id, token: forged }))).toMatchObject({ cause: "not_found" });
});

test("while a secret is rotated, tokens signed with the old one are still accepted", async ({ h }) => {
  const old = callerFor(h.telltale, { secrets: ["o".repeat(32)] });
  const rotated = callerFor(h.telltale, { secrets: ["n".repeat(32), "o".repeat(32)] });
  const later = callerFor(h.telltale, { secrets: ["n".repeat(32)] });
  const { id, token } = await old(ann).submit({ kind: "echo", input: { text: "a" } });

  expect(await rotated(null).get({ id, token })).toMatchObject({ id });
  expect(await refusal(later(null).get({ id, token }))).toMatchObject({ cause: "not_found" });
});

test("two servers without a configured secret accept each other's tokens", async ({ h }) => {
  const { id, token } = await annsJob(h);

  expect(await callerFor(h.telltale)(null).get({ id, token })).toMatchObject({ id });
});

test("an operator can see and rerun every job, and an owner cannot rerun their own", async ({ h }) => {
  const { id } = await annsJob(h);
  await h.finish(id);

  expect(await refusal(h.as(ann).rerun({ id }))).toMatchObject({ code: "FORBIDDEN", cause: "forbidden" });
  expect(await h.as(root).rerun({ id })).toEqual({ id, status: "queued" });
  expect(await h.as(root).get({ id })).toMatchObject({ round: 2, status: "queued" });
});

test("only operators get the original message of a failure", async ({ h }) => {
  const { id } = await annsJob(h);
  await h.breakDown(id, "password=hunter2");

  expect(await h.as(ann).get({ id })).toMatchObject({
    error: { code: "handler_error", message: "The handler failed." },
  });
  expect(await h.as(root).get({ id })).toMatchObject({ error: { message: "password=hunter2" } });
  expect(JSON.stringify(await all(h.as(ann).onStatus({ id })))).not.toContain("hunter2");
});

test("a custom authorize function replaces the default rules", async ({ h }) => {
  const as = callerFor(h.telltale, {
    authorize: ({ subject, action }) => action !== "cancel" && subject?.id === "bob",
  });
  const { id } = await annsJob(h);

  expect(await as(bob).get({ id })).toMatchObject({ id });
  expect(await refusal(as(bob).cancel({ id }))).toMatchObject({ cause: "not_found" });
  expect(await refusal(as(ann).submit({ kind: "echo", input: { text: "a" } }))).toMatchObject({ cause: "forbidden" });
});

test("a custom authorize function learns what the caller wants to do with whose job", async ({ h }) => {
  const { id } = await annsJob(h);
  const asked: string[] = [];
  const as = callerFor(h.telltale, {
    authorize: ({ subject, action, kind, owner }) => {
      asked.push(`${subject?.id} ${action} ${kind} ${owner}`);
      return action !== "operate";
    },
  });
  const calls = {
    get: () => as(bob).get({ id }),
    list: () => as(ann).list({}),
    cancel: () => as(bob).cancel({ id }),
    rerun: () => refusal(as(bob).rerun({ id })),
    onStatus: () => all(as(bob).onStatus({ id })),
  };

  const learned: Record<string, string[]> = {};
  for (const [name, call] of Object.entries(calls)) {
    await call();
    learned[name] = asked.splice(0);
  }

  expect(learned).toEqual({
    get: ["bob watch echo ann"],
    list: ["ann watch echo ann"],
    cancel: ["bob cancel echo ann"],
    rerun: ["bob operate echo ann", "bob watch echo ann"],
    onStatus: ["bob watch echo ann"],
  });
});

test("a subject whose credentials have expired is treated as not logged in", async ({ h }) => {
  const { id, token } = await h.as(ann).submit({ kind: "echo", input: { text: "a" } });
  const expired = { ...root, expiresAt: new Date(Date.now() - 1) };

  expect((await refusal(h.as(expired).list({}))).code).toBe("UNAUTHORIZED");
  expect((await refusal(h.as(expired).queues.pause({ queue: "echo" }))).code).toBe("UNAUTHORIZED");
  expect((await refusal(h.as(expired).submit({ kind: "echo", input: { text: "a" } }))).code).toBe("UNAUTHORIZED");
  expect(await h.as(expired).get({ id, token })).toMatchObject({ id });
  expect(await h.as({ ...root, expiresAt: new Date(Date.now() + 60_000) }).get({ id })).toMatchObject({ id });
});

test.for([[[]], [[""]], [["   "]], [["s".repeat(31)]], [["s".repeat(32), ""]]])(
  "a router with the secrets %j, with which anyone could sign tokens, is refused",
  ([secrets = []], { h }) => {
    expect(() => callerFor(h.telltale, { secrets })).toThrow(
      expect.objectContaining({ code: "invalid_config", message: expect.stringContaining("32 characters") }),
    );
  },
);
