import { WORST_WIRES } from "@telltale/testkit";
import { transformer } from "telltale";

const ROUNDS = 9;
const LIMIT_MS = 50;

/** Measures how long the transformer takes for the most expensive bodies that the gateway accepts. */
export async function benchDecode(): Promise<void> {
  let slowest = 0;
  for (const [name, text] of Object.entries(WORST_WIRES)) {
    const times: number[] = [];
    let outcome = "";
    // The first round is a warm-up.
    for (let round = 0; round <= ROUNDS; round++) {
      const wire: unknown = JSON.parse(text);
      const startedAt = performance.now();
      outcome = outcomeOf(wire);
      if (round > 0) times.push(performance.now() - startedAt);
    }
    const median = times.toSorted((a, b) => a - b)[ROUNDS >> 1] ?? 0;
    slowest = Math.max(slowest, median);
    console.log(`${median.toFixed(1).padStart(7)} ms  ${Math.round(text.length / 1_000)} kB  ${name}: ${outcome}`);
  }
  console.log(`the slowest takes ${slowest.toFixed(1)} ms; the limit is ${LIMIT_MS} ms`);
  if (slowest > LIMIT_MS) process.exitCode = 1;
}

function outcomeOf(wire: unknown): string {
  try {
    transformer.deserialize(wire);
    return "read";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
