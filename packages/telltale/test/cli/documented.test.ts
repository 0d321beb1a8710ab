import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { type SpawnedProcess, sampleOf, spawnBundled } from "@telltale/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { appPath, type Processes, startProcesses, submission } from "../../../../test/processes.js";
import { createProgram } from "../../src/cli/program.js";
import { judging } from "./programs.js";
import { CLI } from "./telltale.js";

const README = fileURLToPath(new URL("../../../../docs/cli.md", import.meta.url));
/** The host name on the page. */
const HOST = "web-1";
const MARK = "-- end of a command --";
const AUTH_SECRET = randomBytes(32).toString("hex");
const COMMANDS = createProgram().commands.map((command) => command.name());

let stack: Processes;
let second: SpawnedProcess;
let folder: string;
beforeAll(async () => {
  stack = await startProcesses({ workers: 1, env: { AUTH_SECRET, ALLOW_ANONYMOUS: "1", WORKER_NAME: "judge-1" } });
  // The page drains one of two workers, and the jobs of later lines need the other.
  const env = { REDIS_URL: stack.redis.url, CONCURRENCY: "1", WORKER_NAME: "judge-2" };
  second = await spawnBundled(appPath("worker"), { env });
  await second.line(/worker ready/);
  folder = await mkdtemp(join(tmpdir(), "telltale-cli-"));
}, 60_000);
afterAll(async () => {
  await second?.stop();
  await stack?.[Symbol.asyncDispose]();
  if (folder) await rm(folder, { recursive: true });
});

const COMMAND = [process.execPath, CLI].map((word) => `'${word}'`).join(" ");

/** Runs lines in one shell in which `telltale` is the command. Returns what each of them printed on both streams. */
async function shell(lines: readonly string[], input = ""): Promise<string[]> {
  const script = lines.map((line) => `${line}\ncode=$?; echo '${MARK}'; (exit $code)\n`).join("");
  const child = spawn("sh", ["-c", `exec 2>&1\ntelltale() { ${COMMAND} "$@"; }\n${script}`], {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: folder, TELLTALE_URL: stack.url, AUTH_SECRET },
  });
  child.stdin.end(input);
  return (await text(child.stdout)).split(`${MARK}\n`).slice(0, -1);
}

/** Replaces values that differ in every run: ids by their order, times, durations, tokens. */
function settled(printed: string): string {
  const ids: string[] = [];
  const numbered = (id: string): string => `judge_${ids.includes(id) ? ids.indexOf(id) : ids.push(id) - 1}`;
  return (
    printed
      .replace(/judge_(?!0{32})[0-9a-f]{32}/g, numbered)
      .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "<time>")
      .replace(/\b\d{13}\b/g, "<ms>")
      .replace(/eyJ[\w.…-]+/g, "<token>")
      .replace(/anon:[\w-]{43}/g, "<owner>")
      .replace(/"ms":\d+/g, '"ms":0')
      .replaceAll(hostname(), HOST)
      .replace(/\b\d+( +judge)$/gm, "<pid>$1")
      // A worker's list of jobs is up to five seconds old.
      .replace(/ [01]\/1 /g, " <jobs> ")
      .replace(/\b\d+(\.\d)? ?s\b/g, "<span>")
      .replace(/ running( \d+\/\d+)?\n(<time> \S+ running \d+\/\d+\n)*/g, " running\n")
      .replace(/ +/g, " ")
  );
}

function consoleBlocks(page: string): string[] {
  return [...page.matchAll(/```console\n([\s\S]*?)```/g)].map(([, block = ""]) => block);
}

function commandsIn(block: string): string[] {
  return [...block.matchAll(/^\$ (.*)$/gm)].map(([, line = ""]) => line);
}

test("the commands in the README print what it shows", { timeout: 60_000 }, async () => {
  const page = readFileSync(README, "utf8");
  const blocks = consoleBlocks(page);

  const printed = await shell(blocks.flatMap(commandsIn));

  const shown = blocks.map((block) =>
    commandsIn(block)
      .map((line) => `$ ${line}\n${printed.shift()}`)
      .join(""),
  );
  // `TELLTALE_WRITE_PAGE=1 npm test -- packages/telltale/test/cli/documented.test.ts` updates the page.
  if (process.env.TELLTALE_WRITE_PAGE !== undefined) {
    const written = blocks.reduce((text, block, at) => text.replace(block, () => shown[at] ?? ""), page);
    writeFileSync(README, written.replace(/eyJ[\w.-]+/g, "eyJ…").replaceAll(hostname(), HOST));
    return;
  }
  expect(settled(shown.join("\n"))).toBe(settled(blocks.join("\n")));
});

test("the README shows every command", () => {
  const lines = consoleBlocks(readFileSync(README, "utf8")).join("");

  for (const name of COMMANDS) expect(lines).toMatch(new RegExp(`telltale ${name}\\b`));
});

test.each(sampleOf(COMMANDS, 3))("the examples in the help of %s run", async (name) => {
  const sum = judging(submission("accepted-sum"));
  await writeFile(join(folder, "submission.json"), sum);
  const operator = "export TELLTALE_TOKEN=$(telltale token --operator)";
  const [, id = "", help = ""] = await shell([
    operator,
    "telltale submit judge --file submission.json",
    `telltale ${name} --help`,
  ]);
  const [, examples = ""] = /\nExamples?.*:\n([\s\S]*?)\n(\n|$)/.exec(help) ?? [];
  // The parts between pipes, without those of other programs.
  const lines = examples
    .replace(/\\\n/g, "")
    .replace(/judge_0199e0a1…/g, id.trim())
    .split(/\n|\||&&/)
    .map((part) => /^(?:export \w+=\$\()?(telltale [^)#]*)/.exec(part.trim())?.[1] ?? "")
    .filter((line) => line !== "");
  expect(lines).not.toEqual([]);

  const codes = await shell([operator, ...lines.map((line) => `${line} >/dev/null; echo $?`)], sum);

  // Exit code 1 is allowed: a job may have ended before its cancel, or may not have ended before its rerun.
  for (const code of codes.slice(1)) expect(code).toMatch(/(^|\n)[01]\n$/);
});
