import { createServer } from "node:http";
import type { Gateway } from "telltale/gateway";
import { expect, onTestFinished, test, vi } from "vitest";
import { exampleGateway } from "./attached.js";
import { memoryLogger } from "./memory-logger.js";

test("a gateway that neither listens nor is attached is reported after a second", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
  const { logger, lines } = memoryLogger();
  await using _gateway = exampleGateway({ logger });

  vi.advanceTimersByTime(999);
  expect(lines).toEqual([]);
  vi.advanceTimersByTime(60_000);

  expect(lines).toMatchObject([{ level: "warn", message: expect.stringContaining("call listen() or attach(server)") }]);
});

test.each([
  ["listens", (gateway: Gateway) => gateway.listen(0)],
  ["is attached", (gateway: Gateway) => gateway.attach(createServer())],
  ["was closed", (gateway: Gateway) => gateway.close()],
])("a gateway that %s is not reported as unused", async (_what, use) => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
  const { logger, lines } = memoryLogger();
  await using gateway = exampleGateway({ logger });
  await use(gateway);

  vi.advanceTimersByTime(60_000);

  expect(lines.filter(({ level }) => level === "warn")).toEqual([]);
});
