import { nemesesNamed } from "./nemesis/catalogue.js";
import { report } from "./report.js";
import { runChaos } from "./run.js";

// With its start, its last fault and its drain a scenario takes ten: ten of them fit in a CI step.
const SECONDS = 6;

/** The faults that go together in one short run, most telling first. */
const SCENARIOS: readonly (readonly string[])[] = [
  ["redis-kill", "lost-replies", "worker-kill"],
  ["worker-stop", "client-cut", "script-flush"],
  ["black-hole", "client-kill-pubsub", "server-kill"],
  ["redis-stop", "worker-block", "lost-requests"],
  ["redis-full", "worker-roll", "client-kill-normal"],
  ["cut-redis", "worker-kill", "server-roll"],
  ["redis-kill", "worker-stop", "client-cut"],
  ["refuse-redis", "lost-replies", "redis-rewrite"],
  ["redis-pause", "server-stop", "worker-kill"],
  ["client-black-hole", "redis-kill", "worker-block"],
];

/** Runs that many short scenarios, each with a seed of its own that follows from the first. Answers whether all held. */
export async function runScenarios(
  options: Readonly<{ seed: number; count: number; jobsPerSecond: number }>,
): Promise<boolean> {
  const startedAt = performance.now();
  let failed = 0;
  for (let at = 0; at < options.count; at++) {
    const names = SCENARIOS[at % SCENARIOS.length] ?? [];
    const seed = options.seed + at;
    const from = performance.now();
    const result = await runChaos({
      ...{ seed, seconds: SECONDS, atOnce: 1, nemeses: nemesesNamed(names), jobsPerSecond: options.jobsPerSecond },
      onStep: () => {},
    });
    const took = ((performance.now() - from) / 1_000).toFixed(1);
    console.log(`\nscenario ${at + 1}: seed ${seed}, ${names.join(", ")}, ${took} s`);
    if (!report(result)) failed += 1;
  }
  const total = ((performance.now() - startedAt) / 1_000).toFixed(0);
  console.log(`\n${options.count - failed} of ${options.count} scenarios held, in ${total} s`);
  return failed === 0;
}
