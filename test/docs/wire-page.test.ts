import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { getHTTPStatusCodeFromError } from "@trpc/server/http";
import { ERROR_CODES, type ErrorCode, isErrorCode, JOB_ERRORS, TelltaleError } from "telltale";
import { toTRPCError } from "telltale/trpc";
import { expect, test } from "vitest";
import { WebSocket } from "ws";
import { startProcesses } from "../processes.js";
import { blocks, textOf } from "./pages.js";
import { shell } from "./shell.js";

const FILE = "docs/wire.md";
/** Codes that occur only inside the SDK or the server process. No call is answered with them. */
const NOT_ON_THE_WIRE: readonly ErrorCode[] = [
  ...(["unreachable", "lease_lost", "job_failed", "job_cancelled", "closed"] as const),
  ...(["invalid_config", "unsupported_redis"] as const),
];

const errorTable = Object.entries(ERROR_CODES)
  .filter(([code]) => isErrorCode(code) && !NOT_ON_THE_WIRE.includes(code))
  .map(([code, { meaning, retry }]) => {
    const status = isErrorCode(code) && getHTTPStatusCodeFromError(toTRPCError(new TelltaleError(code)));
    return `| \`${code}\` | ${status} | ${meaning} | ${retry ? "yes" : "no"} |\n`;
  });
const jobErrorTable = Object.entries(JOB_ERRORS).map(([code, message]) => `| \`${code}\` | ${message} |\n`);

// `TELLTALE_WRITE_PAGE=1 npm test -- test/docs/wire-page.test.ts` updates the tables.
if (process.env.TELLTALE_WRITE_PAGE !== undefined) {
  const rows = (after: RegExp, written: readonly string[]) => (page: string) =>
    page.replace(after, (_, head: string) => head + written.join(""));
  const withErrors = rows(/(<!-- errors: .*\n.*\n.*\n)(?:\| .*\n)*/, errorTable)(textOf(FILE));
  writeFileSync(FILE, rows(/(<!-- job errors: .*\n.*\n.*\n)(?:\| .*\n)*/, jobErrorTable)(withErrors));
}
const page = { file: FILE, text: textOf(FILE) };

test("the tables of error codes match the code", () => {
  expect(page.text).toContain(`|---|---|---|---|\n${errorTable.join("")}\n`);
  expect(page.text).toContain(`|---|---|\n${jobErrorTable.join("")}\n`);
});

test("the page's commands run unchanged in one shell, and print what the page says", async () => {
  await using stack = await startProcesses({ workers: 1 });
  const script = blocks(page, "sh").map(({ text }) => text);
  expect(script).toHaveLength(6);

  const [, , asked = "", watched = "", resumed = "", stopped = ""] = await shell(script, stack.url);

  expect(asked).toContain('"priority":"normal"');
  expect(watched).toMatch(/^event: connected$/m);
  expect(watched).toMatch(/"seq":3,.*"status":"completed".*\nid: \w+:\d+\.\d+$/m);
  expect(watched).toMatch(/^event: return$/m);
  expect(resumed).not.toContain('"seq":1,');
  expect(resumed).toMatch(/"seq":2,[\s\S]*^event: return$/m);
  expect(stopped).toBe('{"result":{"data":{"json":{"outcome":"already_finished"}}}}');
});

test("the page's WebSocket messages get the answers that it shows", async () => {
  await using stack = await startProcesses({ workers: 1 });
  const [setup = "", submit = ""] = blocks(page, "sh").map(({ text }) => text);
  const [, , ref = ""] = await shell([setup, submit, 'echo "$ID $TOKEN"'], stack.url);
  const [id = "", token = ""] = ref.trim().split(" ");
  const [message = ""] = blocks(page, "json").map(({ text }) => text);

  const socket = new WebSocket(`${stack.url.replace("http", "ws")}/trpc`);
  await once(socket, "open");
  const said: string[] = [];
  socket.on("message", (data) => said.push(String(data)));
  socket.send(message.replace("$ID", id).replace("$TOKEN", token));
  await expect.poll(() => said.at(-1), { timeout: 15_000 }).toContain('"stopped"');
  socket.close();

  const result = (text: string): string => `{"id":1,"jsonrpc":"2.0","result":${text}}`;
  expect(page.text).toContain(`\`${result('{"type":"started"}')}\``);
  expect(said[0]).toBe(result('{"type":"started"}'));
  expect(said.at(-2)).toMatch(/"data":\{"json":\{"id":"(\w+:3\.0)","data":\{.*"completed".*"id":"\1"\}\}$/);
  expect(said.at(-1)).toBe(result('{"type":"stopped"}'));
  await once(socket, "close");
});
