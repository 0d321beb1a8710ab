import { expect } from "vitest";
import { ann, type Harness, keyCount, refusal, root, test } from "./harness.js";

const zeros = "0".repeat(32);
const notNames = [
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

/** How each value is refused where it stands in a call, as a code of tRPC's and one of Telltale's; and what was written. */
async function refusals(
  values: readonly unknown[],
  call: (value: never) => Promise<unknown>,
  { h, server }: Readonly<{ h: Harness; server: Server }>,
): Promise<{ codes: readonly string[]; written: number }> {
  await h.as(ann).submit({ kind: "echo", input: { text: "there before" } });
  const before = await keyCount(server);
  const codes = new Set<string>();
  for (const value of values) {
    const { code, cause } = await refusal(call(value as never));
    codes.add(`${code} ${cause}`);
  }
  return { codes: [...codes].sort(), written: (await keyCount(server)) - before };
}

const invalidInput = { codes: ["BAD_REQUEST invalid_input"], written: 0 };

test("S7 a kind that is none is unknown, or no text at all, and nothing is written", async ({ h, server }) => {
  const submit = (kind: never) => h.as(ann).submit({ kind, input: { text: "a" } });
  const text = ["a:b", "echo\n", "Echo", "__proto__", "constructor", "then", ...notNames].filter(
    (name): name is string => typeof name === "string",
  );
  const short = text.filter((name) => name.length <= 64);
  const rest = [...notNames.filter((name) => typeof name !== "string"), ...text.filter((name) => name.length > 64)];

  expect(await refusals(short, submit, { h, server })).toEqual({ codes: ["BAD_REQUEST unknown_kind"], written: 0 });
  expect(await refusals(rest, submit, { h, server })).toEqual(invalidInput);
});

test.for(["idempotencyKey", "uniqueKey", "tag"])(
  "S8 a %s that is none is invalid_input, and nothing is written",
  async (name, { h, server }) => {
    const submit = (value: never) => {
      const options = name === "tag" ? { tags: [value] } : { [name]: value };
      return h.as(ann).submit({ kind: "echo", input: { text: "a" }, options });
    };

    expect(await refusals(notNames, submit, { h, server })).toEqual(invalidInput);
  },
);

test("S9 S10 times and priorities that are none are invalid_input, and nothing is written", async ({ h, server }) => {
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

  expect(await refusals(options, submit, { h, server })).toEqual(invalidInput);
});

test("S1 S12 an input that does not fit, or pollutes, is invalid_input in one call and in many, and nothing is written", async ({
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

  expect(await refusals(inputs, submit, { h, server })).toEqual(invalidInput);
  expect(await refusals(inputs, submitMany, { h, server })).toEqual(invalidInput);
  expect(Reflect.get({}, "isAdmin")).toBeUndefined();
});

test.for(["get", "cancel", "rerun", "onStatus", "onChunk"] as const)(
  "S7 S8 %s with what is no job's id is invalid_input, and with the id of none not_found",
  async (name, { h, server }) => {
    const bad = [...notNames, `echo_${zeros}\n`, `echo_${zeros}0`, `ec*o_${zeros}`, `echo_${"*".repeat(32)}`];
    const missing = [`echo_${zeros}`, `nope_${zeros}`, `constructor_${zeros}`];
    const ask = async (id: never) => {
      const answer: unknown = await h.as(root)[name]({ id });
      // A subscription is asked for its first event.
      if (name === "onStatus" || name === "onChunk")
        for await (const event of answer as AsyncIterable<unknown>) return event;
      return answer;
    };

    expect(await refusals(bad, ask, { h, server })).toEqual(invalidInput);
    expect(await refusals(missing, ask, { h, server })).toEqual({ codes: ["NOT_FOUND not_found"], written: 0 });
  },
);

test("S45 S46 text that looks like a protocol or a script is stored as it is, and found again by its key", async ({
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
