import { createTelltale } from "telltale/server";
import { expect } from "vitest";
import { ann, bob, callerFor, echo, jobs, refusal, test } from "./harness.js";

test("submit returns the job's id, kind, status and a token", async ({ h }) => {
  const answer = await h.as(ann).submit({ kind: "echo", input: { text: "hi" } });

  expect(answer).toMatchObject({ kind: "echo", status: "queued" });
  expect(answer.id).toMatch(/^echo_[0-9a-f]{32}$/);
  expect(answer.token.split(".")).toHaveLength(3);
});

test("a caller without a login cannot submit", async ({ h }) => {
  const refused = await refusal(h.as(null).submit({ kind: "echo", input: { text: "hi" } }));

  expect(refused).toMatchObject({ code: "UNAUTHORIZED", cause: "unauthorized" });
});

test("a kind that the router does not list is refused with unknown_kind, whether or not it exists", async ({ h }) => {
  // @ts-expect-error also a type error
  const unlisted = await refusal(h.as(ann).submit({ kind: "sweep", input: {} }));
  // @ts-expect-error also a type error
  const missing = await refusal(h.as(ann).submit({ kind: "nothing", input: {} }));

  expect(unlisted).toMatchObject({ code: "BAD_REQUEST", cause: "unknown_kind" });
  expect(missing.message).toBe(unlisted.message.replace("sweep", "nothing"));
  expect(missing.message).toMatch(/Add the kind to `submit` of the jobs router, or check its spelling$/);
});

test.for([
  ["no input", { kind: "echo" }],
  ["an input that does not match its schema", { kind: "echo", input: { text: "" } }],
  ["a kind that is a number", { kind: 5, input: {} }],
  ["a kind that is __proto__", { kind: "__proto__", input: {} }],
  ["a key with a line break", { kind: "echo", input: { text: "a" }, options: { idempotencyKey: "a\r\nDEL x" } }],
  ["a key that is too long", { kind: "echo", input: { text: "a" }, options: { uniqueKey: "k".repeat(129) } }],
  ["a negative delay", { kind: "echo", input: { text: "a" }, options: { delayMs: -1 } }],
  ["a delay that is too long", { kind: "echo", input: { text: "a" }, options: { delayMs: 1e308 } }],
  ["a date that is too far away", { kind: "echo", input: { text: "a" }, options: { runAt: new Date(8.64e15) } }],
  ["a delay and a date", { kind: "echo", input: { text: "a" }, options: { delayMs: 1, runAt: new Date() } }],
  ["nine tags", { kind: "echo", input: { text: "a" }, options: { tags: Array.from("123456789") } }],
  ["an unknown priority", { kind: "echo", input: { text: "a" }, options: { priority: "now" } }],
  ["nothing", undefined],
  ["a list", []],
] as const)("%s is refused as invalid input or an unknown kind, and nothing is stored", async ([, input], { h }) => {
  // @ts-expect-error untyped clients can send this
  const refused = await refusal(h.as(ann).submit(input));

  expect(refused.code).toBe("BAD_REQUEST");
  expect(["invalid_input", "unknown_kind"]).toContain(refused.cause);
  expect(await h.telltale.$engine.scripts("echo").promote()).toEqual({ promoted: 0, nextDueInMs: null });
});

test("the error of an invalid input has paths and codes, but never values", async ({ h }) => {
  const secret = "hunter2-canary";

  // @ts-expect-error untyped clients can send this
  const refused = await refusal(h.as(ann).submit({ kind: "echo", input: { text: { [secret]: secret } } }));

  expect(refused.message).toContain("text: invalid_type");
  expect(JSON.stringify(refused)).not.toContain(secret);
});

test("unknown fields and options are refused by name, and no job is created", async ({ h }) => {
  const forged = { id: "echo_00000000000000000000000000000000", status: "completed", owner: "root", fence: 99 };
  const call = { kind: "echo", input: { text: "a" } } as const;

  const refused = await refusal(h.as(ann).submit({ ...call, ...forged }));
  const misspelt = await refusal(h.as(ann).submit({ ...call, options: { delays: "1h" } as object }));

  expect(refused.message).toContain("unrecognized_keys id,status,owner,fence");
  expect(misspelt.message).toContain("options: unrecognized_keys delays");
  expect((await h.as(ann).list({})).jobs).toEqual([]);
});

test("a delay is accepted as a duration or in milliseconds, but not as both", async ({ h }) => {
  const call = { kind: "echo", input: { text: "a" } } as const;
  const statusOf = async (options: object): Promise<string> => (await h.as(ann).submit({ ...call, options })).status;

  expect(await statusOf({ delay: "1h" })).toBe("scheduled");
  expect(await statusOf({ delay: 3_600_000, startWithin: "1m" })).toBe("scheduled");
  expect(await statusOf({ delayMs: 3_600_000 })).toBe("scheduled");
  const wrong = [
    { delay: "1h", delayMs: 1 },
    { delay: "soon" },
    { delay: -1 },
    { delay: "5000d" },
    { startWithin: "0s" },
  ];
  for (const options of wrong) {
    expect(await refusal(h.as(ann).submit({ ...call, options: options as object }))).toMatchObject({
      cause: "invalid_input",
    });
  }
});

test("an input over 256 KB is too large", async ({ h }) => {
  const refused = await refusal(h.as(ann).submit({ kind: "echo", input: { text: "x".repeat(300_000) } }));

  expect(refused).toMatchObject({ code: "PAYLOAD_TOO_LARGE", cause: "too_large" });
});

test("an idempotency key finds its job, conflicts with another input, and is separate for each owner", async ({
  h,
}) => {
  const options = { idempotencyKey: "k1" };
  const first = await h.as(ann).submit({ kind: "echo", input: { text: "a" }, options });

  const again = await h.as(ann).submit({ kind: "echo", input: { text: "a" }, options });
  const other = await refusal(h.as(ann).submit({ kind: "echo", input: { text: "b" }, options }));
  const bobs = await h.as(bob).submit({ kind: "echo", input: { text: "b" }, options });

  expect(again.id).toBe(first.id);
  expect(other).toMatchObject({ code: "CONFLICT", cause: "idempotency_conflict" });
  expect(bobs.id).not.toBe(first.id);
});

test("an unreachable Redis is reported by its code, without its address", async () => {
  await using telltale = createTelltale({ jobs, redis: "redis://user:hunter2@127.0.0.1:1", logger: false });
  const as = callerFor(telltale, { secrets: ["s".repeat(32)] });

  const refused = await refusal(as(ann).submit({ kind: "echo", input: { text: "a" } }));
  const many = await refusal(as(ann).submitMany([{ kind: "echo", input: { text: "a" } }]));

  expect(refused).toMatchObject({ code: "SERVICE_UNAVAILABLE", cause: "redis_unavailable" });
  expect(many).toMatchObject({ code: "SERVICE_UNAVAILABLE", cause: "redis_unavailable" });
  expect(JSON.stringify([refused.message, many.message])).not.toMatch(/127\.0\.0\.1|ECONNREFUSED|hunter2/);
});

test("a submit that is refused with redis_unavailable stores no job, even if only the key for its token could not be read", async ({
  h,
  server,
}) => {
  await using away = createTelltale({ jobs, redis: "redis://127.0.0.1:1", logger: false });
  const prefix = h.telltale.$engine.prefix;
  await using telltale = createTelltale({ jobs, redis: server.url, prefix });
  telltale.$engine.secret = () => away.$engine.secret();
  const as = callerFor(telltale);
  const item = { kind: "echo", input: { text: "a" } } as const;

  const refused = await refusal(as(ann).submit(item));
  const allRefused = await refusal(as(ann).submitMany([item]));

  expect([refused.cause, allRefused.cause]).toEqual(["redis_unavailable", "redis_unavailable"]);
  const { jobs: stored } = await telltale.$engine
    .scripts("echo")
    .claim({ loop: "l", request: "r", room: 9, leaseMs: 9_000 });
  expect(stored).toEqual([]);
});

test("submitMany stores nothing if one of its items is invalid", async ({ h }) => {
  const items = [
    { kind: "echo", input: { text: "good" }, options: { uniqueKey: "u" } },
    { kind: "echo", input: { text: "" } },
  ] as const;

  const refused = await refusal(h.as(ann).submitMany([...items]));

  expect(refused.cause).toBe("invalid_input");
  expect(await h.as(ann).submit(items[0])).toMatchObject({ status: "queued" });
});

test("submitMany returns one outcome for each item, in order, even if the queue refuses one", async ({ h }) => {
  await h.as(ann).submit({ kind: "echo", input: { text: "0" }, options: { uniqueKey: "u" } });

  const answers = await h.as(ann).submitMany([
    { kind: "echo", input: { text: "1" } },
    { kind: "echo", input: { text: "2" }, options: { uniqueKey: "u" } },
    { kind: "echo", input: { text: "3" }, options: { delayMs: 60_000 } },
  ]);

  expect(answers).toMatchObject([
    { status: "queued" },
    { error: { code: "unique_conflict" } },
    { status: "scheduled" },
  ]);
});

test.for([[[]], [Array.from({ length: 51 }, () => ({ kind: "echo" as const, input: { text: "a" } }))]])(
  "submitMany refuses an empty list and more than 50 items",
  async ([items], { h }) => {
    expect(await refusal(h.as(ann).submitMany(items ?? []))).toMatchObject({ cause: "invalid_input" });
  },
);

test("a router cannot be created with a kind that has no contract", async ({ h }) => {
  // @ts-expect-error also a type error
  expect(() => callerFor(h.telltale, { submit: [echo.kind, "nothing"] })).toThrow(/No contract has the kind "nothing"/);
});

test.for(["idempotencyKey", "uniqueKey"])(
  "a %s of a caller who is a new user in each call is refused, and says to send credentials",
  async (key, { h }) => {
    const asNew = h.as({ id: "new", isTransient: true });
    const job = { kind: "echo", input: { text: "a" }, options: { [key]: "k" } } as const;

    for (const call of [() => asNew.submit(job), () => asNew.submitMany([job])]) {
      expect(await refusal(call())).toMatchObject({
        cause: "invalid_input",
        message: expect.stringMatching(new RegExp(`${key}.*Authorization`)),
      });
    }
    await asNew.submit({ kind: "echo", input: { text: "a" } });
  },
);
