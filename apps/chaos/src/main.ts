import { parseArgs } from "node:util";
import { z } from "zod";
import { CATALOGUE, nemesesNamed } from "./nemesis/catalogue.js";
import { report } from "./report.js";
import { runChaos } from "./run.js";
import { runScenarios } from "./scenarios.js";

const Flags = z.object({
  seed: z.coerce.number().int().min(0).optional(),
  seconds: z.coerce.number().positive().max(86_400).default(30),
  nemesis: z.string().optional(),
  "at-once": z.coerce.number().int().min(1).max(4).default(1),
  rate: z.coerce.number().positive().max(1_000).default(25),
  scenarios: z.coerce.number().int().min(1).max(100).optional(),
});

// Not by running out of work: a socket that was reset while it was being ended is never closed by Node 20, which then
// turns for ever in the cleanup of its handles.
process.exit(await exitCode());

async function exitCode(): Promise<number> {
  try {
    return (await main()) ? 0 : 1;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return 2;
  }
}

async function main(): Promise<boolean> {
  // `pnpm chaos -- --seed 1` hands the `--` on, npm does not.
  const { values } = parseArgs({
    args: process.argv.slice(2).filter((word) => word !== "--"),
    options: {
      seed: { type: "string" },
      seconds: { type: "string" },
      nemesis: { type: "string" },
      "at-once": { type: "string" },
      rate: { type: "string" },
      scenarios: { type: "string" },
    },
  });
  const { seed = Date.now() % 1_000_000, "at-once": atOnce, ...flags } = Flags.parse(values);
  const { seconds, nemesis, rate, scenarios } = flags;
  if (scenarios !== undefined) return runScenarios({ seed, count: scenarios, jobsPerSecond: rate });
  const nemeses = nemesis === undefined ? CATALOGUE : nemesesNamed(nemesis.split(","));
  console.log(`seed ${seed}, ${seconds} s of ${nemeses.map(({ name }) => name).join(", ")}`);
  const result = await runChaos({
    ...{ seed, seconds, nemeses, atOnce, jobsPerSecond: rate },
    onStep: (text) => console.log(`  ${text}`),
  });
  return report(result);
}
