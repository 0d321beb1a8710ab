import { createTcpProxy, waitFor } from "@telltale/testkit";
import { createTelltale } from "telltale/server";
import { expect } from "vitest";
import { jobs, test } from "./harness.js";

test("a call on a connection that went silent is repeated on a new one", async ({ server }) => {
  await using proxy = await createTcpProxy({ target: { path: server.socketPath } });
  const heard: unknown[] = [];
  const hear = (data: unknown): void => void heard.push(data);
  const logger = { debug: hear, info: hear, warn: hear, error: hear };
  await using telltale = createTelltale({ jobs, redis: proxy.url, logger });
  await telltale.resize.submit({ width: 1 });

  proxy.blackhole();
  const job = telltale.resize.submit({ width: 2 });
  await waitFor(() => JSON.stringify(heard).includes("Socket timeout"), { timeoutMs: 4_900 });
  proxy.pass();

  await expect(job).resolves.toBeDefined();
});

test("waiting for the doorbell on a connection that went silent times out, and works again on a new one", async ({
  server,
}) => {
  await using proxy = await createTcpProxy({ target: { path: server.socketPath } });
  await using direct = createTelltale({ jobs, redis: server.url, prefix: "silent" });
  await using telltale = createTelltale({ jobs, redis: proxy.url, prefix: "silent", logger: false });
  const bell = telltale.$engine.doorbell("resize");
  const { signal } = new AbortController();
  await bell.wait(1, signal);

  proxy.blackhole();
  const startedAt = performance.now();
  await bell.wait(100, signal);
  expect(performance.now() - startedAt).toBeLessThan(4_000);
  proxy.pass();
  const rung = bell.wait(10_000, signal);
  await direct.resize.submit({ width: 1 });

  await rung;
  expect(performance.now() - startedAt).toBeLessThan(9_000);
  bell.close();
});
