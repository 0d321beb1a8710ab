import { fileURLToPath } from "node:url";
import { spawnProcess, waitFor } from "@telltale/testkit";
import { expect, test } from "vitest";

const DEMO = fileURLToPath(new URL("../src/demo.ts", import.meta.url));

test("an interrupted demo stops everything that it started before it exits", async () => {
  await using demo = await spawnProcess(DEMO);
  const workers = await demo.line(/2 worker processes: /, { timeoutMs: 60_000 });
  await demo.line(/running/);

  demo.kill("SIGINT");

  expect(await demo.exited).toEqual({ code: 130, signal: null });
  const pids = (workers.match(/\d{2,}/g) ?? []).map(Number);
  expect(pids).toHaveLength(2);
  await waitFor(() => pids.every((pid) => !isAlive(pid)));
}, 90_000);

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
