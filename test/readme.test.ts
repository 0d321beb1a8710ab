import { fileURLToPath } from "node:url";
import { spawnProcess, testRedis } from "@telltale/testkit";
import { expect, test } from "vitest";
import { blocks, textOf } from "./docs/pages.js";

const ROOT = new URL("../", import.meta.url);
const readme = { file: "README.md", text: textOf("README.md") };

test("the README shows code before its 40th line", () => {
  const line = readme.text.slice(0, readme.text.indexOf("```ts")).split("\n").length;

  expect(line).toBeLessThan(40);
});

test("the README's code runs, and prints progress and then the result", async () => {
  await using redis = await testRedis();
  await using quickstart = await spawnProcess(path("examples/quickstart/src/main.ts"), {
    env: { REDIS_URL: redis.url },
  });

  await quickstart.line(/of 20/);
  await quickstart.line(/^total 1995 at \d+$/);

  expect(await quickstart.exited).toEqual({ code: 0, signal: null });
});

test("the README's curl commands submit a job and show that it was accepted", async () => {
  await using redis = await testRedis();
  const env = { REDIS_URL: redis.url, PORT: "0" };
  await using server = await spawnProcess(path("apps/server/src/main.ts"), { env });
  await using worker = await spawnProcess(path("apps/worker/src/main.ts"), { env: { ...env, CONCURRENCY: "1" } });
  const url = /"url":"([^"]+)"/.exec(await server.line(/server ready/))?.[1] ?? "";
  await worker.line(/worker ready/);
  const [curl = "", asking = ""] = blocks(readme, "sh").flatMap(({ text }) => (text.startsWith("curl") ? [text] : []));

  // The same request without the shell: address, header and body are read from the line.
  const procedure = (line: string): string => /^curl \S+\/trpc\/(\w+) /.exec(line)?.[1] ?? "";
  const [, body = ""] = /-d '([\s\S]*)'/.exec(curl) ?? [];
  const headers = { "content-type": "application/json" };
  const call = async (
    procedure: string,
    json: string,
  ): Promise<{ result: { data: { json: Record<string, unknown> } } }> =>
    (await fetch(`${url}/trpc/${procedure}`, { method: "POST", headers, body: json })).json();
  expect(curl).toContain("-H 'content-type: application/json'");
  const submitted = (await call(procedure(curl), body)).result.data.json;

  await expect
    .poll(async () => (await call(procedure(asking), JSON.stringify({ json: submitted }))).result.data.json, {
      timeout: 15_000,
    })
    .toMatchObject({ status: "completed", output: { verdict: "accepted" } });
});

function path(file: string): string {
  return fileURLToPath(new URL(file, ROOT));
}
