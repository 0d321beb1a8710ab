import { parseArgs } from "node:util";
import { z } from "zod";
import { DURABILITIES, type Durability } from "./durability.js";
import { CATALOGUE, nemesesNamed } from "./nemesis/catalogue.js";
import type { Nemesis } from "./nemesis/nemesis.js";
import { report } from "./report.js";
import { judge, runChaos } from "./run.js";
import { runScenarios } from "./scenarios.js";
import { runTable } from "./table/run-table.js";

const USAGE = `npm run chaos -- [--seed S] [--seconds T] [--nemesis a,b] [--at-once N] [--rate JOBS_PER_SECOND]
             [--durability D]   one run; without --nemesis of every fault after which everything must be there
npm run chaos -- --scenarios N [--seed S]
                                short runs of some faults each
npm run chaos -- --table [--runs N] [--seed S] [--fault WORDS] [--durability D]
                                every cell of docs/faults.md N times (3), about 6 s of this machine a run, and the table
                                as Markdown; --fault and --durability leave rows and columns out, with the same seeds
npm run chaos -- --check HISTORY
                                checks the history of a run again

Durabilities: ${DURABILITIES.join(", ")} (everysec where nothing is said)
Nemeses: ${CATALOGUE.map(({ name }) => name).join(", ")}`;

const Flags = z.object({
  seed: z.coerce.number().int().min(0).optional(),
  seconds: z.coerce.number().positive().max(86_400).default(30),
  nemesis: z.string().optional(),
  "at-once": z.coerce.number().int().min(1).max(4).default(1),
  rate: z.coerce.number().positive().max(1_000).default(25),
  durability: z.enum(DURABILITIES).optional(),
  table: z.boolean(),
  runs: z.coerce.number().int().min(1).max(1_000).default(3),
  fault: z.string().optional(),
  scenarios: z.coerce.number().int().min(1).max(100).optional(),
  check: z.string().optional(),
});

// What we started goes when we exit, which a signal alone does not make us do.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));

// Not by running out of work: a socket that was reset while it was being ended is never closed by Node 20, which then
// turns for ever in the cleanup of its handles.
process.exit(await exitCode());

async function exitCode(): Promise<number> {
  try {
    return (await main()) ? 0 : 1;
  } catch (error) {
    if (error instanceof z.ZodError) console.error(z.prettifyError(error));
    else console.error(error instanceof Error ? error.message : error);
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
      durability: { type: "string" },
      table: { type: "boolean", default: false },
      runs: { type: "string" },
      fault: { type: "string" },
      scenarios: { type: "string" },
      check: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return true;
  }
  const { seed = Date.now() % 1_000_000, "at-once": atOnce, ...flags } = Flags.parse(values);
  const { seconds, nemesis, rate, scenarios, check, durability = "everysec", table, runs, fault } = flags;
  if (check !== undefined) return report(judge(check));
  if (scenarios !== undefined) return runScenarios({ seed, count: scenarios, jobsPerSecond: rate });
  if (table) return runTable({ seed, runs, jobsPerSecond: rate, fault, durability: flags.durability });
  const nemeses = nemesis === undefined ? faultsThatForgetNothing(durability) : nemesesNamed(nemesis.split(","));
  console.log(`seed ${seed}, ${seconds} s of ${nemeses.map(({ name }) => name).join(", ")}`);
  const result = await runChaos({
    ...{ seed, seconds, nemeses, atOnce, jobsPerSecond: rate },
    durability,
    onStep: (text) => console.log(`  ${text}`),
  });
  return report(result);
}

// What may forget would excuse what the others do.
function faultsThatForgetNothing(durability: Durability): Nemesis[] {
  return CATALOGUE.filter(({ forgets }) => (forgets?.(durability) ?? "nothing") === "nothing");
}
