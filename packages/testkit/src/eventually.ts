import { setTimeout as delay } from "node:timers/promises";

const EVERY_MS = 10;

/**
 * Repeats an assertion until it passes, and rejects with its last error after `withinMs` (@default 15000). The time is long,
 * because it only matters to a test that fails, and other tests may keep the machine busy.
 */
export async function eventually(assertion: () => unknown, withinMs = 15_000): Promise<void> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    try {
      await assertion();
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
    await delay(EVERY_MS);
  }
}
