import { readdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { type SpawnedProcess, spawnBundled, testRedis } from "@telltale/testkit";
import { createTelltale } from "telltale/server";
import { expect, test } from "vitest";
import { blocks, textOf } from "../../../test/docs/pages.js";
import { shell } from "../../../test/docs/shell.js";
import { jobs } from "../src/contracts.js";
import { temporaryFolder } from "./temporary-folder.js";

const FILE = "examples/queue-workers/README.md";

test("the README's commands submit two statements, which are written, and show their status", async () => {
  await using redis = await testRedis();
  await using folder = await temporaryFolder();
  const env = { REDIS_URL: redis.url, PORT: "0", FOLDER: folder.path };
  await using server = await spawnBundled(path("server"), { env });
  await using worker = await spawnBundled(path("worker"), { env });
  await worker.line(/is ready$/);
  const [, ...script] = blocks({ file: FILE, text: textOf(FILE) }, "sh").map(({ text }) => text);
  expect(script).toHaveLength(3);

  const [submitted = "", asked = "", watched = ""] = await shell(script, await urlOf(server));

  expect(submitted).toMatch(/^\{"id":"statement_\w+"\}$/);
  expect(asked).toMatch(/"kind":"statement".*"status":"(queued|running)"/);
  expect(watched).toMatch(/"status":"running"[\s\S]*"status":"completed".*"file":"acct-8.csv.gz"/);
  expect(watched).toMatch(/^event: return$/m);
  expect((await readdir(folder.path)).sort()).toEqual(["acct-7.csv.gz", "acct-8.csv.gz"]);
});

test("the same order again returns the same job, through the app and through the router", async () => {
  await using redis = await testRedis();
  await using server = await spawnBundled(path("server"), { env: { REDIS_URL: redis.url, PORT: "0" } });
  const url = await urlOf(server);
  const input = { account: "acct-1", entries: 5 };

  const first = await post(`${url}/statements`, input);
  const again = await post(`${url}/statements`, input);
  const call = { json: { kind: "statement", input, options: { idempotencyKey: "acct-1" } } };
  const routed = await post(`${url}/trpc/submit`, call);
  const other = await post(`${url}/statements`, { ...input, entries: 6 });

  expect(first.status).toBe(202);
  expect(again.body).toEqual(first.body);
  expect(routed.body).toMatchObject({ result: { data: { json: first.body } } });
  expect(other).toMatchObject({ status: 409, body: { error: { code: "idempotency_conflict" } } });
});

test.each([
  ["an input that does not fit", 400, "invalid_input", '{"account":"../etc","entries":5}'],
  ["a body that is not JSON", 400, "invalid_input", '{"account":"secret'],
  ["a body that is too large", 413, "too_large", `{"account":"${"a".repeat(200_000)}"}`],
])("%s is answered with %i %s, and the answer does not quote it", async (_what, status, code, body) => {
  await using redis = await testRedis();
  await using server = await spawnBundled(path("server"), { env: { REDIS_URL: redis.url, PORT: "0" } });

  const answer = await post(`${await urlOf(server)}/statements`, body);

  expect(answer).toMatchObject({ status, body: { error: { code } } });
  expect(JSON.stringify(answer.body)).not.toMatch(/secret|etc|node_modules/);
});

test("an error of the router has a code and no stack", async () => {
  await using redis = await testRedis();
  await using server = await spawnBundled(path("server"), { env: { REDIS_URL: redis.url, PORT: "0" } });
  const url = await urlOf(server);

  const unknown = await post(`${url}/trpc/submit`, { json: { kind: "transfer", input: {} } });
  const missing = await fetch(`${url}/statements/statement_00000000000000000000000000000000`);

  expect(unknown).toMatchObject({
    status: 400,
    body: { error: { json: { data: { telltale: { code: "unknown_kind" } } } } },
  });
  expect(JSON.stringify(unknown.body)).not.toContain("node_modules");
  expect(missing.status).toBe(404);
  expect(await missing.json()).toMatchObject({ error: { code: "not_found" } });
});

test("a full queue is answered with 429 and retry-after", async () => {
  await using redis = await testRedis();
  await using telltale = createTelltale({ jobs, redis: redis.url });
  await telltale.$ready();
  const items = Array.from({ length: 1_000 }, (_, i) => ({ input: { account: `a${i}`, entries: 1 } }));
  await telltale.statement.submitMany(items);
  await using server = await spawnBundled(path("server"), { env: { REDIS_URL: redis.url, PORT: "0" } });

  const answer = await post(`${await urlOf(server)}/statements`, { account: "one-more", entries: 1 });

  expect(answer).toMatchObject({ status: 429, retryAfter: "1", body: { error: { code: "queue_full" } } });
});

async function post(url: string, body: object | string) {
  const headers = { "content-type": "application/json" };
  const response = await fetch(url, {
    method: "POST",
    headers,
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  const answered: unknown = await response.json();
  return { status: response.status, retryAfter: response.headers.get("retry-after"), body: answered };
}

async function urlOf(server: SpawnedProcess): Promise<string> {
  return (await server.line(/^listening on /)).replace("listening on ", "");
}

function path(script: "server" | "worker"): string {
  return fileURLToPath(new URL(`../src/${script}.ts`, import.meta.url));
}
