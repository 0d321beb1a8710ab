import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Processes, startProcesses, submission } from "../../../../test/processes.js";
import { HOSTILE, judging, SLOW } from "./programs.js";
import { type Start, startInTerminal, telltale } from "./telltale.js";

const CTRL_C = "\u0003";
const QUESTION = /Cancel the job\?/;

let stack: Processes;
let start: Start;
beforeAll(async () => {
  stack = await startProcesses({ workers: 2 });
  start = { url: stack.url, home: await mkdtemp(join(tmpdir(), "telltale-cli-")) };
}, 60_000);
afterAll(async () => {
  await stack?.[Symbol.asyncDispose]();
  if (start) await rm(start.home, { recursive: true });
});

const idIn = (text: string): string => /judge_[0-9a-f]{32}/.exec(text)?.[0] ?? "";

async function statusOf(id: string): Promise<unknown> {
  return JSON.parse((await telltale(start, "get", id, "--json")).out).status;
}

test("a job is shown live: its output, a progress bar, and how it ended", async () => {
  const shown = startInTerminal(start, ["submit", "judge", "--input", judging(submission("takes-its-time")), "--wait"]);
  await shown.shows(/│.* III: 1 of 3/);
  await shown.shows(/█.*░.* \d\/7/);

  const { code, out } = await shown.ended;

  expect(code).toBe(0);
  expect(out).toMatch(/✔.*completed/);
  expect(out).toContain("verdict: 'accepted'");
  // The output has colours, and the cursor is visible again.
  expect(out).toContain("\u001b[32m");
  expect(out.lastIndexOf("\u001b[?25h")).toBeGreaterThan(out.lastIndexOf("\u001b[?25l"));
});

test("with NO_COLOR, there are no colours", async () => {
  const env = { NO_COLOR: "1" };
  const shown = startInTerminal({ ...start, env }, [
    "submit",
    "judge",
    "--input",
    judging(submission("accepted-sum")),
    "--wait",
  ]);

  const { out } = await shown.ended;

  expect(out).toContain("✔ completed");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what this looks for.
  expect(out).not.toMatch(/\u001b\[[\d;]*m/);
});

test("a dumb terminal gets the same as a file: line by line, without escape sequences", async () => {
  const env = { TERM: "dumb" };
  const args = ["submit", "judge", "--input", judging(submission("accepted-sum")), "--wait"];

  const { code, out } = await startInTerminal({ ...start, env }, args).ended;

  expect(code).toBe(0);
  expect(out).toMatch(/Z judge_[0-9a-f]{32} completed /);
  expect(out).not.toContain("\u001b");
});

test("the output of a job cannot control the terminal", async () => {
  const shown = startInTerminal(start, ["submit", "judge", "--input", judging(HOSTILE), "--wait"]);

  const { out } = await shown.ended;

  expect(out).toContain("�[2Jcleared �]0;titled� �31mred �reversed �faked");
  for (const sequence of ["\u001b[2J", "\u001b]0;", "\u009b", "\u202e", "\rfaked"]) expect(out).not.toContain(sequence);
});

test("Ctrl-C asks once, and yes cancels the job", async () => {
  const shown = startInTerminal(start, ["submit", "judge", "--input", judging(SLOW), "--wait"]);
  await shown.shows(/running/);

  shown.type(CTRL_C);
  await shown.shows(QUESTION);
  shown.type("y\r");
  const { code, out } = await shown.ended;

  expect(code).toBe(1);
  expect(out).toMatch(/■.*cancelled/);
  expect(await statusOf(idIn(out))).toBe("cancelled");
});

test.each([
  ["Enter", "\r"],
  ["a second Ctrl-C", CTRL_C],
])("%s at the question stops watching at once, and the job continues", async (_what, keys) => {
  const shown = startInTerminal(start, ["submit", "judge", "--input", judging(SLOW), "--wait"]);
  await shown.shows(/running/);

  shown.type(CTRL_C);
  await shown.shows(QUESTION);
  shown.type(keys);
  const { code, out } = await shown.ended;

  expect(code).toBe(130);
  const id = idIn(out);
  expect(out).toContain(`The job keeps running. To watch it again: telltale watch ${id}`);
  expect(await statusOf(id)).toBe("running");
  expect(await telltale(start, "cancel", id)).toMatchObject({ code: 0 });
});

test("the end of a job is shown even while the question is open", async () => {
  const shown = startInTerminal(start, ["submit", "judge", "--input", judging(submission("takes-its-time")), "--wait"]);
  await shown.shows(/running/);

  shown.type(CTRL_C);
  await shown.shows(QUESTION);
  const { code, out } = await shown.ended;

  expect(code).toBe(0);
  // Nothing is printed while the question is open. Output that arrived in the meantime follows it.
  const [, after = ""] = out.split(QUESTION);
  expect(after).toMatch(/^[^│]*\r?\n[\s\S]*│[\s\S]*✔/);
});

test("Ctrl-C at watch stops watching without a question", async () => {
  const { out: submitted } = await telltale(start, "submit", "judge", "--input", judging(SLOW));
  const id = idIn(submitted);
  const shown = startInTerminal(start, ["watch", id]);
  await shown.shows(/running/);

  shown.type(CTRL_C);
  const { code, out } = await shown.ended;

  expect(code).toBe(130);
  expect(out).not.toMatch(QUESTION);
  expect(await telltale(start, "cancel", id)).toMatchObject({ code: 0 });
});
