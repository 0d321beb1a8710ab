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
             [--durability D]   one run; without --nemesis, with every fault that must not lose data
npm run chaos -- --scenarios N [--seed S]
                                N short runs with a few faults each
npm run chaos -- --table [--runs N] [--seed S] [--fault WORDS] [--durability D]
                                runs every cell of docs/faults.md N times (default 3, about 6 s a run) and prints the
                                table as Markdown; --fault and --durability select rows and columns, with the same seeds
npm run chaos -- --check HISTORY
                                checks the history file of an earlier run

Durabilities: ${DURABILITIES.join(", ")} (default everysec)
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

// Our exit handlers end the processes that we started. A signal alone would not run them.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));

// Exit explicitly: Node 20 never closes a socket that was reset while it was ending, and would then loop forever in
// the cleanup of its handles.
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
  // pnpm passes on the `--` of `pnpm chaos -- --seed 1`; npm does not.
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

// A fault that may lose data would hide losses that the others cause.
function faultsThatForgetNothing(durability: Durability): Nemesis[] {
  return CATALOGUE.filter(({ forgets }) => (forgets?.(durability) ?? "nothing") === "nothing");
}
