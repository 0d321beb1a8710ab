import { setTimeout as sleep } from "node:timers/promises";

const EVERY_MS = 20;
const LIMIT_MS = 120_000;

/** Asks every 20 ms until the answer is yes. Throws after two minutes. */
export async function waitUntil(ask: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + LIMIT_MS;
  while (!(await ask())) {
    if (performance.now() > deadline) throw new Error("A contender did not finish within two minutes");
    await sleep(EVERY_MS);
  }
}
