import { expect, test, vi } from "vitest";
import { problems } from "../src/problems/index.js";
import { judgeForTest, problemCalled, run } from "./judging.js";

vi.setConfig({ testTimeout: 30_000 });

// Written independently of the expected outputs. Problems that examples/submissions solves are left out.
const solutions: Record<string, string> = {
  "fizz-buzz": `({ n }) => { const out = []; for (let i = 1; i <= n; i++)
    out.push(i % 15 === 0 ? "FizzBuzz" : i % 5 === 0 ? "Buzz" : i % 3 === 0 ? "Fizz" : "" + i); return out; }`,
  palindrome: `({ text }) => { const kept = text.toLowerCase().replace(/[^a-z0-9]/g, "");
    return kept === kept.split("").reverse().join(""); }`,
  "word-count": `({ text }) => { const counts = Object.create(null);
    for (const word of text.toLowerCase().match(/[a-z]+/g) ?? []) counts[word] = (counts[word] ?? 0) + 1; return counts; }`,
  "valid-brackets": `({ text }) => { const pairs = { ")": "(", "]": "[", "}": "{" }, open = [];
    for (const c of text) { if ("([{".includes(c)) open.push(c); else if (c in pairs && open.pop() !== pairs[c]) return false; }
    return open.length === 0; }`,
  anagrams: `({ words }) => { const groups = new Map(); let most = 0;
    for (const word of words) { const key = word.split("").sort().join(""); const n = (groups.get(key) ?? 0) + 1;
      groups.set(key, n); most = Math.max(most, n); } return most; }`,
  "longest-unique-substring": `({ text }) => { const seen = new Map(); let start = 0, best = 0;
    for (let i = 0; i < text.length; i++) { const at = seen.get(text[i]); if (at >= start) start = at + 1;
      seen.set(text[i], i); best = Math.max(best, i - start + 1); } return best; }`,
};

test.each(Object.entries(solutions))("a correct solution of %s is accepted", async (id, solution) => {
  const judged = await run(judgeForTest({ threads: 1 }), {
    problem: problemCalled(id),
    source: `const solve = ${solution};`,
  });

  expect(judged).toMatchObject({ verdict: "accepted", passed: judged.total });
});

test("trying all pairs of two-sum is too slow", async () => {
  const source = `function solve({ numbers, target }) {
    for (let i = 0; i < numbers.length; i++) for (let j = 0; j < i; j++) if (numbers[i] + numbers[j] === target) return [j, i];
  }`;

  const judged = await run(judgeForTest({ threads: 1 }), { problem: problemCalled("two-sum"), source });

  expect(judged).toMatchObject({ verdict: "time_limit", passed: judged.total - 1 });
});

test.each([...problems.values()])("a program that always answers null passes no test of $id", async (problem) => {
  const judged = await run(judgeForTest({ threads: 1 }), { problem, source: "function solve() { return null; }" });

  expect(judged).toMatchObject({ verdict: "wrong_answer", passed: 0 });
});
