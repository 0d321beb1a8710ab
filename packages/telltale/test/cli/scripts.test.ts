import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTcpProxy } from "@telltale/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Processes, startProcesses, submission } from "../../../../test/processes.js";
import { HOSTILE, judging, SLOW } from "./programs.js";
import { type Start, startPiped, telltale } from "./telltale.js";

const AUTH_SECRET = randomBytes(32).toString("hex");
const SUM = judging(submission("accepted-sum"));
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this looks for.
const UNSAFE = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/;

let stack: Processes;
let start: Start;
let operator: Start;
beforeAll(async () => {
  stack = await startProcesses({ workers: 1, env: { AUTH_SECRET, ALLOW_ANONYMOUS: "1" } });
  start = { url: stack.url, home: await mkdtemp(join(tmpdir(), "telltale-cli-")) };
  const { out } = await telltale({ ...start, env: { AUTH_SECRET } }, "token", "--operator");
  operator = { ...start, env: { TELLTALE_TOKEN: out.trim() } };
}, 60_000);
afterAll(async () => {
  await stack?.[Symbol.asyncDispose]();
  if (start) await rm(start.home, { recursive: true });
});

function objects(text: string): Record<string, unknown>[] {
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}

async function submitted(...args: string[]): Promise<Record<string, unknown>> {
  const { out } = await telltale(start, "submit", "judge", "--input", SUM, "--json", ...args);
  return objects(out)[0] ?? {};
}

test("into a pipe, each event and each printed line is one line with its time, without colours or escape sequences", async () => {
  const { code, out, err } = await telltale(start, "submit", "judge", "--input", judging(HOSTILE), "--wait");

  expect(code).toBe(0);
  expect(err).toBe("");
  expect(out).not.toMatch(UNSAFE);
  const lines = out.trimEnd().split("\n");
  for (const line of lines) expect(line).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z judge_[0-9a-f]{32} (\||[a-z])/);
  expect(lines.find((line) => line.includes("| "))).toContain("| �[2Jcleared");
  expect(lines.at(-1)).toContain('completed {"verdict":');
});

test("--json prints events and chunks with the names of the wire format, and the end last", async () => {
  const { code, out } = await telltale(start, "submit", "judge", "--input", judging(HOSTILE), "--wait", "--json");

  expect(code).toBe(0);
  expect(out).toMatch(/^[\x20-\x7e\n]+$/);
  const told = objects(out);
  expect(told[0]).toEqual({ id: expect.any(String), kind: "judge", status: "queued", token: expect.any(String) });
  const events = told.filter((one) => "seq" in one);
  expect(events[0]).toMatchObject({ id: told[0]?.id, seq: 1, rev: 0, round: 1, status: "queued" });
  expect(told.find((one) => "n" in one)).toMatchObject({ n: 1, attempt: 1, data: { text: expect.any(String) } });
  expect(told.at(-1)).toMatchObject({ status: "completed", output: { verdict: "wrong_answer" } });
});

test("a job that fails ends the command with exit code 1 and its error", async () => {
  const input = judging({ ...submission("accepted-sum"), problem: "no-such" });

  const { code, out } = await telltale(start, "submit", "judge", "--input", input, "--wait");

  expect(code).toBe(1);
  expect(out.trimEnd().split("\n").at(-1)).toMatch(/ failed unknown_problem: /);
});

test("an operator sees the original error in one line, and its stack only with get", async () => {
  const input = judging({ ...submission("accepted-sum"), problem: "no-such" });

  const { out } = await telltale(operator, "submit", "judge", "--input", input, "--wait");

  expect(out.trimEnd().split("\n").at(-1)).toMatch(/ failed unknown_problem: [^/]+$/);
  const [id = ""] = /judge_[0-9a-f]{32}/.exec(out) ?? [];
  expect((await telltale(operator, "get", id)).out).toContain("thrown-failures");
});

test("the token of a job is enough to watch it from another machine, and a session of another user is not", async () => {
  const { id, token } = await submitted();
  const elsewhere = { ...start, home: join(start.home, "elsewhere") };

  expect(await telltale(elsewhere, "watch", `${id}`, "--token", `${token}`)).toMatchObject({ code: 0 });
  const { code, err } = await telltale(elsewhere, "watch", `${id}`);
  expect(code).toBe(1);
  expect(err).toMatch(/^telltale: not_found: .*\n$/);
});

test("the same key finds the same job, and jobs are found by their tags", async () => {
  const first = await submitted("--key", "once", "--tag", "found", "--tag", "again", "--delay", "1h");
  const again = await submitted("--key", "once", "--tag", "found", "--tag", "again", "--delay", "1h");

  expect(again.id).toBe(first.id);
  expect(again.status).toBe("scheduled");
  const listed = await telltale(start, "list", "--tag", "found", "--status", "scheduled", "--json");
  expect(objects(listed.out)).toMatchObject([{ id: first.id, tags: ["found", "again"] }]);
  expect(await telltale(start, "list", "--tag", "lost")).toEqual({ code: 0, out: "", err: "No jobs found.\n" });
});

test("an operator reruns jobs and gets the outcome of each", async () => {
  const { id } = await submitted("--wait");
  const missing = `judge_${"0".repeat(32)}`;

  const { code, out } = await telltale(operator, "rerun", `${id}`, missing, "--json");

  expect(code).toBe(1);
  expect(objects(out)).toEqual([
    { id, status: "queued" },
    { id: missing, error: expect.objectContaining({ code: "not_found" }) },
  ]);
  expect(await telltale(start, "watch", `${id}`)).toMatchObject({ code: 0 });
});

test.each([
  ["an unknown command", ["sumbit"], /Did you mean submit/],
  ["an unknown option", ["list", "--stauts", "failed"], /Did you mean --status/],
  ["an unknown status", ["list", "--status", "done"], /Allowed choices are/],
  ["no input", ["submit", "judge"], /Missing input: pass --input/],
  ["two inputs", ["submit", "judge", "--input", "{}", "--file", "-"], /not both/],
  ["an input that is not JSON", ["submit", "judge", "--input", "{canary"], /--input is not valid JSON/],
  [
    "an input that does not match its schema",
    ["submit", "judge", "--input", '{"problem":"canary"}'],
    /invalid_input.*source/,
  ],
  ["an input that is empty", ["submit", "judge", "--input", " "], /--input is empty/],
  ["a folder in place of a file", ["submit", "judge", "--file", "/"], /EISDIR/],
  ["invalid superjson", ["submit", "judge", "--superjson", "--input", SUM], /not superjson/],
  ["a port that fetch forbids", ["list", "--url", "http://127.0.0.1:6000"], /invalid_config.*port/],
  ["an address with credentials", ["list", "--url", "http://canary:canary@127.0.0.1:1"], /credentials/],
  ["no name to drain", ["workers", "drain"], /missing required argument 'name'/],
  ["the old syntax of pause", ["queues", "pause", "judge"], /too many arguments/],
  ["a missing file", ["submit", "judge", "--file", "/nowhere"], /ENOENT/],
  ["a kind that the router does not list", ["submit", "refund", "--input", "{}"], /unknown_kind/],
  ["an invalid kind", ["submit", "then", "--input", "{}"], /unknown_kind/],
  ["an invalid id", ["get", "42"], /not a job id/],
  ["an invalid duration", ["submit", "judge", "--input", SUM, "--delay", "soon"], /duration/],
  ["an invalid token", ["list", "--token", "canary token"], /not a token/],
  ["a schedule without a time", ["schedules", "set", "x", "--kind", "judge", "--input", SUM], /--cron/],
  ["no secret for signing", ["token"], /AUTH_SECRET/],
])(
  "%s is a usage error, and the message names the mistake without repeating possible secrets",
  async (_what, args, said) => {
    const { code, out, err } = await telltale(start, ...args);

    expect(code).toBe(2);
    expect(out).toBe("");
    expect(err).toMatch(said);
    expect(err).not.toContain("canary");
  },
);

test("an input may be superjson, for values that JSON cannot represent", async () => {
  const input = JSON.stringify({ json: submission("accepted-sum") });

  const { code, out } = await telltale(start, "submit", "judge", "--superjson", "--input", input, "--json");

  expect(code).toBe(0);
  expect(objects(out)[0]).toMatchObject({ kind: "judge", status: "queued" });
});

test("a file is read as UTF-8, with or without a byte order mark, and invalid bytes are refused", async () => {
  const file = join(start.home, "input.json");
  await writeFile(file, Buffer.from([0x22, 0xff, 0x22]));
  expect(await telltale(start, "submit", "judge", "--file", file)).toMatchObject({
    code: 2,
    err: expect.stringContaining("not UTF-8"),
  });

  await writeFile(file, `\ufeff${SUM}`);
  expect(await telltale(start, "submit", "judge", "--file", file)).toMatchObject({ code: 0, err: "" });
});

test.each([
  ["events", ["submit", "judge", "--input", SUM, "--delay", "1h", "--wait"]],
  ["JSON", ["submit", "judge", "--input", SUM, "--delay", "1h", "--wait", "--json"]],
])("a closed pipe behind %s ends the command without an error", async (_what, args) => {
  const watched = startPiped(start, args);
  await watched.shows(/scheduled/);

  watched.stopReading();
  const [id = ""] = /judge_[0-9a-f]{32}/.exec(watched.shown()) ?? [];
  expect(await telltale(start, "cancel", id)).toMatchObject({ code: 0 });

  expect(await watched.ended).toMatchObject({ code: 141, err: "" });
});

test("the exit code shows the kind of error even if stderr is not read", async () => {
  const refused = startPiped(start, ["nonsense"]);
  refused.stopReading();

  expect(await refused.ended).toMatchObject({ code: 2 });
});

test("a caller who is not an operator is told how the server decides who is one", async () => {
  const { code, err } = await telltale(start, "queues");

  expect(code).toBe(1);
  expect(err).toMatch(/^telltale: forbidden: .*`subject` of createJobsRouter returns `operator: true`/);
});

test("with --json, an error is one object on stderr", async () => {
  const { out, err } = await telltale(start, "queues", "--json");

  expect(out).toBe("");
  expect(objects(err)).toEqual([{ error: { code: "forbidden", message: expect.any(String) } }]);
});

test("an operator sees each worker, and the jobs that run with their workers", async () => {
  const [{ id } = {}] = objects((await telltale(start, "submit", "judge", "--input", judging(SLOW), "--json")).out);
  const running = async (): Promise<string> => (await telltale(operator, "workers", "--jobs")).out;
  await expect.poll(running, { timeout: 15_000 }).toContain(`${id}`);

  const [heading, row] = (await telltale(operator, "workers")).out.split("\n");
  const { out } = await telltale(operator, "workers", "--json");

  expect(heading).toMatch(/^NAME +STATE +JOBS +UP +SEEN +VERSION +HOST +PID +QUEUES$/);
  expect(row).toMatch(/^\S+-\d+ +ready +1\/1 +\d+[sm] +\d+s +\d+\.\d+\.\d+ +\S+ +\d+ +judge$/);
  expect(objects(out)).toMatchObject([
    { pid: stack.workers[0]?.pid, draining: false, queues: ["judge"], running: [{ id, kind: "judge", attempt: 1 }] },
  ]);
  await telltale(operator, "cancel", `${id}`);
});

test("draining a name that no worker has, or that cannot be a name, fails with its code, and so does a caller who may not", async () => {
  expect(await telltale(operator, "workers", "drain", "nobody")).toEqual({
    ...{ code: 1, out: "" },
    err: expect.stringMatching(/^telltale: not_found: There is no worker with the name "nobody"/),
  });
  expect(await telltale(operator, "workers", "drain", "nobody", "--json")).toMatchObject({
    ...{ code: 1, out: "" },
    err: expect.stringContaining('{"error":{"code":"not_found"'),
  });
  expect(await telltale(operator, "workers", "drain", "x".repeat(10_240))).toMatchObject({
    err: expect.stringMatching(/^telltale: invalid_input: .{1,200}\n$/),
  });
  for (const command of [["workers"], ["workers", "drain", "nobody"]])
    expect(await telltale(start, ...command)).toMatchObject({ code: 1, err: expect.stringContaining("forbidden") });
});

test("SIGINT ends a piped command, and the job continues", async () => {
  const watched = startPiped(start, ["submit", "judge", "--input", judging(SLOW), "--wait"]);
  await watched.shows(/ running/);

  watched.kill("SIGINT");
  const { code, out, err } = await watched.ended;

  expect(code).toBe(130);
  const [id = ""] = /judge_[0-9a-f]{32}/.exec(out) ?? [];
  expect(err).toBe(`The job keeps running. To watch it again: telltale watch ${id}\n`);
  expect(await telltale(start, "cancel", id)).toMatchObject({ code: 0 });
});

test("a watch waits for a server that goes away, and then reports that it has no connection", async () => {
  await using relay = await createTcpProxy({ target: { port: stack.port } });
  const through = { ...start, url: `http://127.0.0.1:${relay.port}` };
  const args = ["submit", "judge", "--input", SUM, "--delay", "1h", "--wait", "--patience", "1s"];
  const watched = startPiped(through, args);
  await watched.shows(/ scheduled/);

  relay.refuse();
  relay.cutAll();
  const { code, err } = await watched.ended;

  expect(code).toBe(3);
  expect(err).toMatch(/^telltale: unreachable: No connection within 1 s/);
});

test("a server that returns an id with escape sequences is not accepted as a Telltale server", async () => {
  const answer = { id: "judge_\u001b[2J", kind: "judge", status: "queued", token: "t" };
  const server = createServer((_, response) => {
    response.setHeader("content-type", "application/json").end(JSON.stringify({ result: { data: { json: answer } } }));
  });
  const port = await new Promise<unknown>((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve(Object(server.address()).port));
  });
  const hostile = { ...start, url: `http://127.0.0.1:${port}` };

  const { code, out, err } = await telltale(hostile, "submit", "judge", "--input", SUM);
  server.close();

  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(err).toMatch(/^telltale: invalid_config: The response is not from a Telltale server/);
});

test("without a server, every command reports it and ends with exit code 3", async () => {
  const relay = await createTcpProxy({ target: { port: 1 } });
  await relay.stop();
  const nowhere = { ...start, url: `http://127.0.0.1:${relay.port}` };

  const ran = await Promise.all([
    telltale(nowhere, "list"),
    telltale(nowhere, "watch", `judge_${"0".repeat(32)}`),
    telltale(nowhere, "submit", "judge", "--input", SUM),
  ]);

  for (const { code, err } of ran) {
    expect(code).toBe(3);
    expect(err).toMatch(/^telltale: unreachable: The server cannot be reached .*\n$/);
    expect(err).toContain(nowhere.url);
  }
});

test("top prints queues and workers once in a pipe, and refuses who is not an operator", async () => {
  const { code, out } = await telltale(operator, "top");

  expect(code).toBe(0);
  expect(out).toMatch(/^\S+Z {3}1 queue {3}\d+ workers? {3}\d+ of \d+ slots busy\n/);
  expect(out).toMatch(/\nQUEUE .* QUEUED .*\njudge +open /);
  expect(out).toMatch(/\nWORKER +STATE +BUSY/);
  expect(await telltale(start, "top")).toMatchObject({ code: 1, out: "", err: expect.stringContaining("forbidden") });
});

test("the history of a queue is a table in a pipe, and a line for each minute or hour with --json", async () => {
  await submitted("--wait");

  const { code, out } = await telltale(operator, "history", "judge", "--since", "10m");
  expect(code).toBe(0);
  expect(out).not.toMatch(UNSAFE);
  expect(out).toMatch(/^judge: the last 10m, a bar for each minute\n/);
  expect(out).toMatch(/\nsubmitted +[ ▁-█]*█[ ▁-█]* +\d+ +[\d.]+\/(h|min|s) +\d+\n/);
  expect(out).toMatch(/\nran .* \d+ ms|\nran .* [\d.]+ s/);

  const minutes = objects((await telltale(operator, "history", "judge", "--since", "10m", "--json")).out);
  expect(minutes).toHaveLength(11);
  expect(minutes.at(-1)).toMatchObject({ queue: "judge", kind: null, step: "minute", at: expect.any(Number) });
  expect(minutes.reduce((sum, { completed }) => sum + Number(completed), 0)).toBeGreaterThan(0);
  const args = ["history", "judge", "--kind", "judge", "--since", "1d", "--json"];
  expect(objects((await telltale(operator, ...args)).out)[0]).toMatchObject({ kind: "judge", step: "hour" });
});

test.each([
  ["an unknown queue", ["nothing"], "invalid_input"],
  ["an unknown kind", ["judge", "--kind", "nothing"], "unknown_kind"],
  ["minutes that are not kept", ["judge", "--since", "7h", "--step", "minute"], "invalid_input"],
  ["hours that are not kept", ["judge", "--since", "60d"], "invalid_input"],
])("history of %s is refused with its code", async (_what, args, error) => {
  const { code, out, err } = await telltale(operator, "history", ...args);

  expect([code, out]).toEqual([2, ""]);
  expect(err).toContain(`telltale: ${error}: `);
});

test.each([
  ["no queue", []],
  ["a malformed duration", ["judge", "--since", "soon"]],
  ["an unknown step", ["judge", "--step", "day"]],
])("history with %s is a usage error", async (_what, args) => {
  expect(await telltale(operator, "history", ...args)).toMatchObject({ code: 2, out: "" });
});

test("only operators see the history of a queue", async () => {
  expect(await telltale(start, "history", "judge")).toMatchObject({
    code: 1,
    err: expect.stringContaining("forbidden"),
  });
});
