import { nemesesNamed } from "./nemesis/catalogue.js";
import { report } from "./report.js";
import { runChaos } from "./run.js";

const SECONDS = 5.5;
// Each keeps about half a core busy. Ten of ten seconds each, with start and drain, fit in a minute of CI.
const AT_ONCE = 2;

/** The faults of each short run, the most revealing combinations first. */
const SCENARIOS: readonly (readonly string[])[] = [
  ["redis-kill", "lost-replies", "worker-kill"],
  ["worker-stop", "client-cut", "script-flush"],
  ["demote", "worker-kill", "lost-replies"],
  ["stray-rejection", "client-cut", "demote"],
  ["sentinel-failover", "worker-kill", "client-cut"],
  ["permissions-revoked", "worker-kill", "lost-requests"],
  ["black-hole", "client-kill-pubsub", "server-kill"],
  ["redis-stop", "worker-block", "lost-requests"],
  ["redis-full", "worker-roll", "client-kill-normal"],
  ["cut-redis", "worker-kill", "server-roll"],
  ["redis-kill", "worker-stop", "client-cut"],
  ["refuse-redis", "lost-replies", "redis-rewrite"],
  ["redis-pause", "server-stop", "worker-kill"],
  ["client-black-hole", "redis-kill", "worker-block"],
];

/** Runs `count` short scenarios, with seeds counted up from the first. Returns true if none had a violation. */
export async function runScenarios(
  options: Readonly<{ seed: number; count: number; jobsPerSecond: number }>,
): Promise<boolean> {
  const startedAt = performance.now();
  // Every process of every stack adds an exit listener.
  process.setMaxListeners(0);
  let next = 0;
  let failed = 0;
  const lane = async (): Promise<void> => {
    while (next < options.count) {
      const at = next++;
      const names = SCENARIOS[at % SCENARIOS.length] ?? [];
      const seed = options.seed + at;
      const from = performance.now();
      const result = await runChaos({
        ...{ seed, seconds: SECONDS, atOnce: 1, nemeses: nemesesNamed(names), jobsPerSecond: options.jobsPerSecond },
        durability: "everysec",
        onStep: () => {},
      });
      const took = ((performance.now() - from) / 1_000).toFixed(1);
      console.log(`\nscenario ${at + 1}: seed ${seed}, ${names.join(", ")}, ${took} s`);
      if (!report(result)) failed += 1;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  const total = ((performance.now() - startedAt) / 1_000).toFixed(0);
  console.log(`\n${options.count - failed} of ${options.count} scenarios passed in ${total} s`);
  return failed === 0;
}
