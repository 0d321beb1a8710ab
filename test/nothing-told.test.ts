import { inspect } from "node:util";
import { createTcpProxy, testRedis, waitFor } from "@telltale/testkit";
import type { Logger } from "telltale";
import { createClient } from "telltale/client";
import { expect, test } from "vitest";
import { askRedis, type EchoJobs, openOneProcess } from "./one-process.js";

const CANARY = "canary-5ecret";
const PASSWORD = "canary-passw0rd";

test("logs and errors never contain payloads, credentials or the password of Redis", async () => {
  await using redis = await testRedis();
  await askRedis(redis.socketPath, `CONFIG SET requirepass ${PASSWORD}`);
  await using proxy = await createTcpProxy({ target: { path: redis.socketPath } });
  const lines: unknown[] = [];
  await using stack = await openOneProcess({
    redis: proxy.url.replace("redis://", `redis://:${PASSWORD}@`),
    workers: 1,
    logger: memoryLogger(lines),
  });
  await using client = createClient<EchoJobs>({ url: stack.url, router: "jobs", auth: CANARY });
  const errors: unknown[] = [];
  const keep = (error: unknown): void => void errors.push(error);
  const options = { idempotencyKey: CANARY, uniqueKey: CANARY, tags: [CANARY] };

  const well = await client.echo.submit({ word: CANARY, ends: "well" }, options);
  expect(await well.output()).toEqual({ word: CANARY });
  const badly = await client.echo.submit({ word: CANARY, ends: "badly" });
  await badly.output().catch(keep);
  await client.echo.submit({ word: "another", ends: "well" }, options).catch(keep);
  // @ts-expect-error not one of the declared ends
  await client.echo.submit({ word: CANARY, ends: CANARY }).catch(keep);
  const never = await client.echo.submit({ word: CANARY, ends: "never" });
  await waitFor(async () => (await stack.telltale.$engine.find.read(never.id))?.status === "running");
  proxy.refuse();
  proxy.cutAll();
  await stack.telltale.echo.submit({ word: CANARY, ends: "well" }).catch(keep);
  await waitFor(() => inspect(lines).includes("claiming failed"));
  proxy.pass();
  await waitFor(() => inspect(lines).includes("claiming again"), { timeoutMs: 10_000 });
  await askRedis(redis.socketPath, `AUTH ${PASSWORD}\r\nSCRIPT FLUSH\r\nCLIENT KILL TYPE normal`);
  await client.echo
    .submit({ word: CANARY, ends: "badly" })
    .then((job) => job.output(), keep)
    .catch(keep);
  await stack.telltale.$engine.cancel(never.id);

  expect(errors.length).toBeGreaterThan(4);
  expect(lines.length).toBeGreaterThan(8);
  expect(whole([...lines, ...errors])).not.toContain("canary");
});

function memoryLogger(lines: unknown[]): Logger {
  const at = (level: string) => (data: Readonly<Record<string, unknown>>, message: string) => {
    lines.push({ level, message, data });
  };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

/** Everything that can be read from the values, including causes and stacks. */
function whole(values: readonly unknown[]): string {
  return inspect(values, {
    depth: Number.POSITIVE_INFINITY,
    maxArrayLength: null,
    maxStringLength: null,
    showHidden: true,
  });
}
