import { expect } from "vitest";
import { ann, type Harness, keyCount, refusal, root, test } from "./harness.js";

const zeros = "0".repeat(32);
const invalidNames = [
  "",
  "a b",
  "{x}",
  "a{b}c",
  "*",
  "[a-z]*",
  "../../x",
  "a\n",
  "a\r\nDEL x",
  "\r\n*1\r\n$8\r\nFLUSHALL\r\n",
  "\"..redis.call('FLUSHALL')..\"",
  "]]--[[%s",
  "\u0000",
  "\u202e",
  "\u{1f600}",
  "\ud800",
  "x".repeat(257),
  "x".repeat(1_000_000),
  5,
  -1,
  Number("1e400"),
  null,
  true,
  {},
  ["k"],
  5n,
];

type Server = Readonly<{ socketPath: string }>;

/** Calls with each value. Returns the distinct pairs of tRPC's and Telltale's code, and how many keys were written. */
async function refusals(
  values: readonly unknown[],
  call: (value: never) => Promise<unknown>,
  { h, server }: Readonly<{ h: Harness; server: Server }>,
): Promise<{ codes: readonly string[]; written: number }> {
  await h.as(ann).submit({ kind: "echo", input: { text: "an earlier job" } });
  const before = await keyCount(server);
  const codes = new Set<string>();
  for (const value of values) {
    const { code, cause } = await refusal(call(value as never));
    codes.add(`${code} ${cause}`);
  }
  return { codes: [...codes].sort(), written: (await keyCount(server)) - before };
}

const INVALID_INPUT = { codes: ["BAD_REQUEST invalid_input"], written: 0 };

test("an invalid kind is refused as unknown_kind or invalid_input, and nothing is written", async ({ h, server }) => {
  const submit = (kind: never) => h.as(ann).submit({ kind, input: { text: "a" } });
  const text = ["a:b", "echo\n", "Echo", "__proto__", "constructor", "then", ...invalidNames].filter(
    (name): name is string => typeof name === "string",
  );
  const short = text.filter((name) => name.length <= 64);
  const rest = [...invalidNames.filter((name) => typeof name !== "string"), ...text.filter((name) => name.length > 64)];

  expect(await refusals(short, submit, { h, server })).toEqual({ codes: ["BAD_REQUEST unknown_kind"], written: 0 });
  expect(await refusals(rest, submit, { h, server })).toEqual(INVALID_INPUT);
});

test.for(["idempotencyKey", "uniqueKey", "tag"])(
  "an invalid %s is refused as invalid_input, and nothing is written",
  async (name, { h, server }) => {
    const submit = (value: never) => {
      const options = name === "tag" ? { tags: [value] } : { [name]: value };
      return h.as(ann).submit({ kind: "echo", input: { text: "a" }, options });
    };

    expect(await refusals(invalidNames, submit, { h, server })).toEqual(INVALID_INPUT);
  },
);

test("invalid times and priorities are refused as invalid_input, and nothing is written", async ({ h, server }) => {
  const options = [
    ...[-1, 0.5, 1e308, Number.NaN, "10", Number("9007199254740993"), null, 5n].map((delayMs) => ({ delayMs })),
    ...[new Date("zzz"), new Date("+275761-01-01"), new Date(8.64e15), new Date(-1), "2026-01-01", 5, null].map(
      (runAt) => ({ runAt }),
    ),
    ...[Number.NaN, 2 ** 31, -0, "", "__proto__", "URGENT", null].map((priority) => ({ priority })),
    ...["t", 5, null, {}, Array(9).fill("t")].map((tags) => ({ tags })),
    ...[5, "x", [], null],
  ];
  const submit = (value: never) => h.as(ann).submit({ kind: "echo", input: { text: "a" }, options: value });

  expect(await refusals(options, submit, { h, server })).toEqual(INVALID_INPUT);
});

test("an input that does not match its schema, or would pollute a prototype, is refused as invalid_input by submit and submitMany, and nothing is written", async ({
  h,
  server,
}) => {
  const inputs = [
    ...[undefined, null, 5, "text", [], { text: 5 }, { text: "" }],
    JSON.parse('{"text":"a","__proto__":{"isAdmin":true}}'),
    { text: "a", constructor: { prototype: { isAdmin: true } } },
    { text: "a", at: new Date("zzz") },
    { text: "a", deep: JSON.parse("[".repeat(5_000) + "]".repeat(5_000)) },
  ];
  const submit = (input: never) => h.as(ann).submit({ kind: "echo", input });
  const submitMany = (input: never) =>
    h.as(ann).submitMany([
      { kind: "echo", input: { text: "good" } },
      { kind: "echo", input },
    ]);

  expect(await refusals(inputs, submit, { h, server })).toEqual(INVALID_INPUT);
  expect(await refusals(inputs, submitMany, { h, server })).toEqual(INVALID_INPUT);
  expect(Reflect.get({}, "isAdmin")).toBeUndefined();
});

test.for(["get", "cancel", "rerun", "logs", "onStatus", "onChunk", "onLogs"] as const)(
  "%s refuses a malformed job id as invalid_input, and the id of a missing job as not_found",
  async (name, { h, server }) => {
    const bad = [...invalidNames, `echo_${zeros}\n`, `echo_${zeros}0`, `ec*o_${zeros}`, `echo_${"*".repeat(32)}`];
    const missing = [`echo_${zeros}`, `nope_${zeros}`, `constructor_${zeros}`];
    const ask = async (id: never) => {
      const answer: unknown = await h.as(root)[name]({ id });
      // A subscription only starts when its first event is requested.
      if (name === "onStatus" || name === "onChunk" || name === "onLogs")
        for await (const event of answer as AsyncIterable<unknown>) return event;
      return answer;
    };

    expect(await refusals(bad, ask, { h, server })).toEqual(INVALID_INPUT);
    expect(await refusals(missing, ask, { h, server })).toEqual({ codes: ["NOT_FOUND not_found"], written: 0 });
  },
);

test("text that looks like the Redis protocol or a script is stored unchanged, and its job is found by its key", async ({
  h,
}) => {
  const texts = [
    "\r\n*1\r\n$8\r\nFLUSHALL\r\n",
    "\"..redis.call('FLUSHALL')..\"",
    "]]--[[%s",
    "\u0000",
    "\ud800",
    "1e309",
  ];
  const submit = (text: string, i: number) =>
    h.as(ann).submit({ kind: "echo", input: { text }, options: { idempotencyKey: `k${i}` } });

  const first = await Promise.all(texts.map(submit));

  expect(await Promise.all(texts.map(submit))).toMatchObject(first.map(({ id }) => ({ id })));
  expect(await refusal(submit("another", 0))).toMatchObject({ cause: "idempotency_conflict" });
});
