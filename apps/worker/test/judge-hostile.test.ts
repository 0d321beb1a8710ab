import { afterAll, describe, expect, test, vi } from "vitest";
import { createJudge, type Judged, type Verdict } from "../src/judge/index.js";
import { problemCalled, run } from "./judging.js";

vi.setConfig({ testTimeout: 30_000 });

// One judge for all tests, which also shows that it still works after each of them.
const judge = createJudge({ threads: 1 });
afterAll(() => judge.close());

/** A short time limit, for programs that never end. */
const hurried = { ...problemCalled("sum"), limits: { timeMs: 300, memoryMb: 64 } };

/** A long time limit, so that programs fill their memory before the time is up even on a slow machine. */
const small = { ...problemCalled("sum"), limits: { timeMs: 15_000, memoryMb: 32 } };

const returning = (answer: string): string => `function solve(input) { return ${answer}; }`;

function last({ tests }: Judged): Judged["tests"][number] | undefined {
  return tests.at(-1);
}

describe("a value that is not a valid answer is judged as such", () => {
  test.each<[what: string, answer: string, verdict: Verdict, message: RegExp]>([
    ["undefined", "undefined", "wrong_answer", /^Expected 6, got undefined$/],
    ["null", "null", "wrong_answer", /^Expected 6, got null$/],
    ["NaN", "NaN", "wrong_answer", /got NaN$/],
    ["infinity", "-1 / 0", "wrong_answer", /got -Infinity$/],
    ["a BigInt", "6n", "wrong_answer", /got a bigint$/],
    ["a BigInt inside", "[6n]", "runtime_error", /^The answer cannot be written as JSON: TypeError: /],
    ["a symbol", "Symbol()", "wrong_answer", /got a symbol$/],
    ["a function", "() => 6", "wrong_answer", /got a function$/],
    ["a promise", "Promise.resolve(6)", "wrong_answer", /got a promise$/],
    ["a string of the right number", '"6"', "wrong_answer", /got "6"$/],
    ["something cyclic", "(input.self = input)", "runtime_error", /circular/],
    ["a getter that throws", "({ get x() { throw new Error('no') } })", "runtime_error", /Error: no$/],
    ["a toJSON that throws 1", "({ toJSON() { throw 1 } })", "runtime_error", /Thrown: 1$/],
    ["a toJSON that returns nothing", "({ toJSON() {} })", "wrong_answer", /a value that JSON cannot represent$/],
    ["a Proxy", "new Proxy([], {})", "wrong_answer", /got \[\]$/],
    ["a Proxy full of traps", "new Proxy({}, { get() { throw new TypeError('trap') } })", "runtime_error", /trap$/],
    [
      "a revoked Proxy",
      "(() => { const r = Proxy.revocable({}, {}); r.revoke(); return r.proxy })()",
      "runtime_error",
      /./,
    ],
    ["2 MB", "'x'.repeat(2e6)", "runtime_error", /longer than 1 MB/],
    ["__proto__ as a key", `JSON.parse('{"__proto__":{"verdict":"accepted"}}')`, "wrong_answer", /__proto__/],
    ["a lone surrogate", "'\\ud800'", "wrong_answer", /got "/],
    ["a string of half a million brackets", "'['.repeat(5e5)", "wrong_answer", /got "\[/],
  ])("%s", async (_, answer, verdict, message) => {
    const judged = await run(judge, { source: returning(answer) });

    expect(judged).toMatchObject({ verdict, passed: 0 });
    expect(last(judged)?.message).toMatch(message);
  });

  test("an answer nested 200,000 deep", async () => {
    const source = "function solve() { let deep = []; for (let i = 0; i < 200_000; i++) deep = [deep]; return deep; }";

    const { verdict } = await run(judge, { problem: hurried, source });

    // Which of the two depends on the machine, because writing such an answer as JSON is slow.
    expect(["runtime_error", "time_limit"]).toContain(verdict);
  });
});

describe("every thrown value is described in one safe line", () => {
  test.each<[what: string, thrown: string, message: RegExp]>([
    ["an error", "new RangeError('off')", /^RangeError: off$/],
    ["undefined", "undefined", /^Thrown: undefined$/],
    ["null", "null", /^Thrown: null$/],
    ["a number", "5", /^Thrown: 5$/],
    ["a frozen object", "Object.freeze({ a: 1 })", /^Thrown: \{"a":1\}$/],
    ["5 MB", "new Error('x'.repeat(5e6))", /^Error: x{490,}…$/],
    ["escapes and a forged log line", `"\\x1b[2J\\n{\\"level\\":\\"info\\"}"`, /^Thrown: {2}\[2J {"level":"info"}$/],
    ["a cyclic cause", "(() => { const e = new Error('e'); e.cause = e; return e })()", /^Error: e$/],
    [
      "an AggregateError of 100,000",
      "new AggregateError(Array(1e5).fill(new Error('x')), 'many')",
      /^AggregateError: many$/,
    ],
    ["a name that throws", "Object.defineProperty(new Error, 'name', { get() { throw 1 } })", /unreadable/],
    ["a symbol for a message", "Object.assign(new Error, { message: Symbol('s') })", /Symbol\(s\)/],
    ["a Proxy full of traps", "new Proxy({}, { getPrototypeOf() { throw 1 }, get() { throw 2 } })", /unreadable/],
  ])("%s", async (_, thrown, message) => {
    const judged = await run(judge, { source: `function solve() { throw ${thrown}; }` });

    expect(judged.passed).toBe(0);
    expect(last(judged)?.message).toMatch(message);
    expect(last(judged)?.message?.length).toBeLessThanOrEqual(500);
  });
});

describe("a submission cannot reach the host", () => {
  test.each([
    "process",
    "require",
    "module",
    "fetch",
    "setTimeout",
    "queueMicrotask",
    "WebAssembly",
    "Buffer",
    "std",
    "os",
  ])("%s does not exist", async (name) => {
    const source = `function solve() { return typeof ${name} + typeof globalThis.${name} }`;

    expect(last(await run(judge, { source }))?.message).toBe('Expected 6, got "undefinedundefined"');
  });

  test.each([
    "Function('return process')()",
    "(0, eval)('process')",
    "console.log.constructor('return process')()",
    "(async () => {}).constructor('return process')() && process",
    "Reflect.construct(Error.prepareStackTrace?.constructor ?? Function, ['return process'])()",
  ])("%s finds no process", async (attempt) => {
    const judged = await run(judge, { source: returning(attempt) });

    expect(judged).toMatchObject({ verdict: "runtime_error", passed: 0 });
    expect(last(judged)?.message).toMatch(/process/);
  });
});

describe("the verdict cannot be forged", () => {
  const tricks = {
    "a toJSON on every prototype": "Object.prototype.toJSON = Number.prototype.toJSON = () => 6;",
    "a JSON of its own": "globalThis.JSON = { parse: () => 6, stringify: () => '6' };",
    "setters for properties that the host might assign":
      "for (const key of ['verdict', 'kind', 'json', 'outcome', 'then']) Object.defineProperty(Object.prototype, key, { get: () => 'accepted', set() {} });",
    "an iterator that ends at once":
      "Array.prototype[Symbol.iterator] = function* () {}; Array.prototype.push = () => 0;",
    "replaced call and apply functions":
      "Function.prototype.call = Function.prototype.apply = Reflect.apply = () => 6;",
    "a fake Promise class": "globalThis.Promise = class { static [Symbol.hasInstance]() { return true } };",
    "an instanceof check that throws":
      "Object.defineProperty(Error, Symbol.hasInstance, { value: () => { throw 6 } });",
    "deleted globals":
      "for (const key of Object.getOwnPropertyNames(globalThis)) if (key !== 'solve') try { delete globalThis[key] } catch {}",
  };

  test.each(Object.entries(tricks))("by %s", async (_, trick) => {
    const judged = await run(judge, { source: `${trick}\nfunction solve() { return 7; }` });

    // 6 is the right answer only to the first test, so a program that always answers 6 passes that test and no other.
    expect(judged.verdict).toBe("wrong_answer");
    expect(judged.passed).toBeLessThanOrEqual(1);
  });

  test.each(Object.entries(tricks).slice(1))("and a right answer is still right after %s", async (_, trick) => {
    const source = `${trick}\nfunction solve({ numbers }) { let t = 0; for (let i = 0; i < numbers.length; i++) t += numbers[i]; return t; }`;

    expect(await run(judge, { source })).toMatchObject({ verdict: "accepted" });
  });

  test("by a getter that returns solve", async () => {
    const source = "Object.defineProperty(globalThis, 'solve', { get() { return () => 7 } });";

    expect(await run(judge, { source })).toMatchObject({ verdict: "wrong_answer", passed: 0 });
  });
});

describe("a program that crashes an interpreter fails only its own test", () => {
  test.each<[what: string, source: string, verdicts: Verdict[]]>([
    ["endless recursion", "function solve(i) { return solve(i) + 1 }", ["runtime_error"]],
    ["100,000 open parentheses", "(".repeat(60_000), ["compile_error"]],
    ["100,000 open brackets, evaluated later", "function solve() { return eval('['.repeat(1e5)) }", ["runtime_error"]],
    ["no source at all", "", ["runtime_error"]],
    ["a NUL character", "function solve() { return 1 \0 }", ["compile_error"]],
    ["a solve that is not a function", "const solve = 6;", ["runtime_error"]],
    ["a module", "export function solve() {}", ["compile_error"]],
    [
      "a BigInt that grows",
      "function solve() { let n = 3n; for (;;) n *= n }",
      ["runtime_error", "time_limit", "memory_limit"],
    ],
    ["a string that doubles", "function solve() { let s = 'x'; for (;;) s += s }", ["runtime_error", "memory_limit"]],
    ["objects in objects", "function solve() { let a = {}; for (;;) a = { a } }", ["memory_limit"]],
    ["one buffer too large", "function solve() { return new ArrayBuffer(1e9) }", ["memory_limit"]],
    [
      "a map that grows without end",
      "const m = new Map(); function solve() { for (let i = 0; ; i++) m.set(i, '' + i) }",
      ["memory_limit"],
    ],
  ])("%s", async (_, source, verdicts) => {
    const judged = await run(judge, { problem: small, source });
    const next = await run(judge, { source: returning("input.numbers.reduce((a, b) => a + b, 0)") });

    expect(verdicts).toContain(judged.verdict);
    expect(judged.passed).toBe(0);
    expect(next.verdict).toBe("accepted");
  });

  test.each([
    ["a loop before solve", "for (;;);"],
    ["a loop in a finally", "function solve() { for (;;) try { for (;;); } catch {} finally { continue } }"],
    ["a regular expression that explodes", "function solve() { return /^(a+)+$/.test('a'.repeat(40) + '!') }"],
    ["a getter asked for its answer", "function solve() { return { get x() { for (;;); } } }"],
    [
      "an error asked for its name",
      "function solve() { throw Object.defineProperty(new Error(), 'name', { get() { for (;;); } }) }",
    ],
    ["a search through nothing", "function solve() { return Array(4_000_000_000).indexOf(1) }"],
  ])("%s that never ends is stopped", async (_, source) => {
    const judged = await run(judge, { problem: hurried, source });
    const next = await run(judge, { source: returning("input.numbers.reduce((a, b) => a + b, 0)") });

    expect(judged).toMatchObject({ verdict: "time_limit", passed: 0 });
    expect(last(judged)?.message).toBe("Took longer than 300 ms");
    expect(next.verdict).toBe("accepted");
  });

  test("a test does not see what an earlier test left behind", async () => {
    const source = `function solve({ numbers }) {
      if (globalThis.left || Array.prototype.left) return "found";
      globalThis.left = Array.prototype.left = true;
      return numbers.reduce((a, b) => a + b, 0);
    }`;

    expect(await run(judge, { source })).toMatchObject({ verdict: "accepted" });
  });
});
