import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { nodeArgs } from "@telltale/testkit";
import { expect, test, vi } from "vitest";
import { createJudge } from "../src/judge/index.js";
import { judgeForTest, problemCalled, run } from "./judging.js";

vi.setConfig({ testTimeout: 30_000 });

const ADD = "function solve({ numbers }) { return numbers.reduce((a, b) => a + b, 0); }";
const LOOP = "function solve() { console.log('in'); for (;;); }";
const NATIVE_LOOP = "function solve() { console.log('in'); return Array(4_000_000_000).indexOf(1); }";

/** A time limit that even a busy machine does not reach by accident. */
const unhurried = { ...problemCalled("sum"), limits: { timeMs: 15_000, memoryMb: 32 } };

/** One test only, for programs under the default limit of two seconds. */
const short = { ...problemCalled("sum"), tests: problemCalled("sum").tests.slice(0, 1) };

test("progress reports every test that passes, and the result lists the same tests", async () => {
  const seen: unknown[] = [];

  const judged = await run(judgeForTest(), { source: ADD, onProgress: (progress) => seen.push(progress) });

  expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7].map((passed) => ({ passed, total: 7 })));
  expect(judged).toMatchObject({ verdict: "accepted", passed: 7, total: 7 });
  expect(judged.tests.map(({ index, verdict, hidden }) => [index, verdict, hidden])).toEqual(
    problemCalled("sum").tests.map((each, index) => [index, "accepted", each.hidden === true]),
  );
});

test("judging stops at the first failing test", async () => {
  const source = "function solve({ numbers }) { return numbers.length === 0 ? 1 : numbers.reduce((a, b) => a + b); }";

  const judged = await run(judgeForTest(), { source });

  expect(judged).toMatchObject({ verdict: "wrong_answer", passed: 2, total: 7 });
  expect(judged.tests).toHaveLength(3);
  expect(judged.tests[2]).toMatchObject({ verdict: "wrong_answer", message: "Expected 0, got 1", hidden: false });
});

test("the message of a hidden test does not show the expected answer", async () => {
  const source = "function solve({ numbers }) { return Math.round(numbers.reduce((a, b) => a + b, 0)); }";

  const judged = await run(judgeForTest(), { source });

  expect(judged.tests.at(-1)).toMatchObject({ message: "Wrong answer on a hidden test", hidden: true });
});

test.each([
  [
    "prints",
    "function solve(input) { console.log(JSON.stringify(input)); return input.numbers.reduce((a, b) => a + b, 0); }",
  ],
  [
    "throws",
    "function solve(input) { if (input.numbers.includes(0.1)) throw new Error(JSON.stringify(input)); return input.numbers.reduce((a, b) => a + b, 0); }",
  ],
  [
    "returns",
    "function solve(input) { const sum = input.numbers.reduce((a, b) => a + b, 0); return input.numbers.includes(0.1) ? input : sum; }",
  ],
])("a submission that %s its input does not show that of a hidden test", async (_how, source) => {
  const printed: string[] = [];

  const judged = await run(judgeForTest(), { source, onOutput: (text) => printed.push(text) });

  expect(judged.tests.some(({ hidden }) => hidden)).toBe(true);
  expect(JSON.stringify([judged, printed])).not.toMatch(/0\.1|9007199254740991/);
});

test("a syntax error is reported with its line", async () => {
  const judged = await run(judgeForTest(), { source: "function solve() {\n  return 1 +;\n}" });

  expect(judged).toMatchObject({ verdict: "compile_error", passed: 0, total: 7 });
  expect(judged.tests[0]?.message).toMatch(/^SyntaxError: .+ \(line 2\)$/);
});

test("printed text arrives while the program is still running", async () => {
  const judge = judgeForTest({ threads: 1 });
  const stop = new AbortController();
  const running = { hasEnded: false };

  const heard = await new Promise<{ text: string; hadEnded: boolean }>((resolve) => {
    run(judge, {
      source: LOOP,
      onOutput: (text) => resolve({ text, hadEnded: running.hasEnded }),
      signal: stop.signal,
    }).then(
      () => (running.hasEnded = true),
      () => (running.hasEnded = true),
    );
  });
  stop.abort();

  expect(heard).toEqual({ text: "in\n", hadEnded: false });
});

test("printed values are readable", async () => {
  let printed = "";
  const source = `console.log("a", 1, null, undefined, true, { b: [2] }, () => 3, 4n, new TypeError("five"));${ADD}`;

  await run(judgeForTest(), {
    problem: short,
    source,
    onOutput: (text) => {
      printed += text;
    },
  });

  expect(printed).toBe('a 1 null undefined true {"b":[2]} [function] 4 TypeError: five\n');
});

test.each([
  ["100,000 lines", "for (let i = 0; i < 1e5; i++) console.log('a line of text');"],
  ["one line of 10 MB", "console.log('x'.repeat(1e7));"],
])("only the first 64 KB of %s arrive, with a mark at the end", async (_, program) => {
  const pieces: string[] = [];

  await run(judgeForTest(), { problem: short, source: `${program}${ADD}`, onOutput: (text) => pieces.push(text) });

  const text = pieces.join("");
  expect(text.endsWith("\n[output truncated]\n")).toBe(true);
  expect(Buffer.byteLength(text)).toBe(64 * 1024 + "\n[output truncated]\n".length);
  expect(pieces.length).toBeLessThan(100);
});

test("a callback that throws fails only its own run", async () => {
  const judge = judgeForTest({ threads: 1 });
  const onOutput = (): void => {
    throw new Error("listener");
  };

  await expect(run(judge, { source: `console.log(1);${ADD}`, onOutput })).rejects.toThrow("listener");
  expect(await run(judge, { source: ADD })).toMatchObject({ verdict: "accepted" });
});

test("an endless loop does not delay other submissions or change their verdicts", async () => {
  const judge = judgeForTest({ threads: 2 });
  const order: string[] = [];
  const looping = run(judge, { source: LOOP }).finally(() => order.push("loop"));

  for (let count = 0; count < 5; count++) {
    expect(await run(judge, { problem: short, source: ADD })).toMatchObject({ verdict: "accepted" });
    order.push("add");
  }

  expect(await looping).toMatchObject({ verdict: "time_limit", passed: 0 });
  expect(order).toEqual(["add", "add", "add", "add", "add", "loop"]);
});

test("more submissions than threads take turns, even if some of them ruin their threads", async () => {
  const judge = judgeForTest({ threads: 2 });
  const hog = "function solve() { const kept = []; for (;;) kept.push(new Array(1_000).fill(1)); }";
  const sources = [hog, ADD, "function solve() { return process }", ADD, hog, ADD, ")", ADD];

  const judged = await Promise.all(sources.map((source) => run(judge, { problem: unhurried, source })));

  expect(judged.map(({ verdict }) => verdict)).toEqual([
    "memory_limit",
    "accepted",
    "runtime_error",
    "accepted",
    "memory_limit",
    "accepted",
    "compile_error",
    "accepted",
  ]);
});

test.each([
  ["a loop", LOOP],
  ["a native call", NATIVE_LOOP],
])("an abort ends %s at once with its reason, and the next submission runs", async (_, source) => {
  const judge = judgeForTest({ threads: 1 });
  const stop = new AbortController();
  const reason = new Error("cancelled");
  const onOutput = (): void => stop.abort(reason);
  const beganAt = performance.now();

  await expect(run(judge, { problem: unhurried, source, onOutput, signal: stop.signal })).rejects.toBe(reason);
  const next = await run(judge, { source: ADD });

  expect(next.verdict).toBe("accepted");
  // Without the abort, the program would have run for 15 or 30 seconds.
  expect(performance.now() - beganAt).toBeLessThan(14_000);
});

test("a submission that is waiting for a thread can be aborted and never runs", async () => {
  const judge = judgeForTest({ threads: 1 });
  const [first, second] = [new AbortController(), new AbortController()];
  const looping = run(judge, { source: LOOP, signal: first.signal });
  const waiting = run(judge, { source: LOOP, signal: second.signal });

  second.abort(new Error("changed my mind"));
  await expect(waiting).rejects.toThrow("changed my mind");
  first.abort(new Error("enough"));
  await expect(looping).rejects.toThrow("enough");

  expect(await run(judge, { source: ADD })).toMatchObject({ verdict: "accepted" });
});

test("a submission that is aborted before its start never runs", async () => {
  const signal = AbortSignal.abort(new Error("too late"));

  await expect(run(judgeForTest(), { source: ADD, signal })).rejects.toThrow("too late");
});

test("closing ends running and waiting submissions, is safe to repeat, and refuses later submissions", async () => {
  const judge = createJudge({ threads: 1 });
  const running = run(judge, { source: LOOP });
  const waiting = run(judge, { source: ADD });
  const ended = Promise.allSettled([running, waiting]);

  await Promise.all([judge.close(), judge.close()]);

  expect(await ended).toMatchObject([
    { status: "rejected", reason: { message: "The judge was closed" } },
    { status: "rejected", reason: { message: "The judge was closed" } },
  ]);
  await expect(run(judge, { source: ADD })).rejects.toThrow("The judge is closed");
});

test.each([
  ["closed", "await judge.close();"],
  ["left open", ""],
])("a process whose judge is %s exits by itself", async (_, end) => {
  const program = `
    import { createJudge } from "${new URL("../src/judge/index.ts", import.meta.url).href}";
    import { problems } from "${new URL("../src/problems/index.ts", import.meta.url).href}";
    const judge = createJudge({ threads: 2 });
    const quiet = { onProgress() {}, onOutput() {}, signal: new AbortController().signal };
    const run = (source) => judge.run({ problem: problems.get("sum"), source, ...quiet });
    const [right, hog] = await Promise.all([
      run(${JSON.stringify(ADD)}),
      run("function solve() { return new ArrayBuffer(1e9) }"),
    ]);
    ${end}
    console.log(right.verdict, hog.verdict);`;

  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    nodeArgs("--input-type=module", "-e", program),
    {
      timeout: 20_000,
    },
  );

  expect(stderr).toBe("");
  expect(stdout).toBe("accepted memory_limit\n");
});

test("a warm judge reports the first test of a trivial solution within 200 ms", async () => {
  const judge = judgeForTest({ threads: 1 });
  await run(judge, { source: ADD });
  const beganAt = performance.now();
  const firstAt = await new Promise<number>((resolve, reject) => {
    run(judge, { source: ADD, onProgress: () => resolve(performance.now()) }).catch(reject);
  });

  expect(firstAt - beganAt).toBeLessThan(200);
});
