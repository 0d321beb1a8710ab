import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { findRedisServer } from "@telltale/local-redis";
import type { Counts } from "../checker/counts.js";
import { DURABILITIES, type Durability } from "../durability.js";
import { report } from "../report.js";
import { runChaos } from "../run.js";
import { type Cell, toMarkdown } from "./markdown.js";
import { ROWS, type Row } from "./rows.js";

/** Options of the fault table. */
export interface TableOptions {
  readonly seed: number;
  /** Runs per cell. */
  readonly runs: number;
  readonly jobsPerSecond: number;
  /** Only rows whose fault contains this text. */
  readonly fault?: string | undefined;
  readonly durability?: Durability | undefined;
}

const SECONDS = 5;
const AT_ONCE = 2;

/** Runs every cell of the fault table and prints the table as Markdown. Returns true if there were no violations. */
export async function runTable(options: TableOptions): Promise<boolean> {
  const startedAt = performance.now();
  const ofWhat = await provenance(options);
  // Every process of every stack adds an exit listener.
  process.setMaxListeners(0);
  // The seeds of a cell do not depend on which other cells are selected.
  const all = ROWS.flatMap((row) =>
    DURABILITIES.map((durability) => ({ row, durability, counts: new Map(), violations: 0, broken: 0 })),
  );
  const plan = all.flatMap((cell, at) =>
    Array.from({ length: options.runs }, (_, run) => ({ cell, seed: options.seed + at * options.runs + run })),
  );
  const chosen = plan.filter(({ cell }) => isChosen(cell, options));
  const waiting = [...chosen];
  const lane = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const { cell, seed } = next;
      const { row, durability } = cell;
      const from = performance.now();
      const result = await runChaos({
        ...{ seed, durability, seconds: SECONDS, atOnce: 1, nemeses: [row.nemesis] },
        jobsPerSecond: options.jobsPerSecond,
        onStep: () => {},
      }).catch((error: unknown) => {
        // A failed run must not discard the other cells.
        console.log(`\n${row.fault}, ${durability}: seed ${seed}: ${error instanceof Error ? error.message : error}`);
      });
      if (!result) {
        cell.broken += 1;
        continue;
      }
      const took = ((performance.now() - from) / 1_000).toFixed(1);
      console.log(`\n${row.fault}, ${durability}: seed ${seed}, ${took} s`);
      if (!report(result)) cell.violations += result.violations.length;
      for (const [name, count] of Object.entries(result.counts)) {
        cell.counts.set(name, (cell.counts.get(name) ?? 0) + count);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  const cells = [...new Set(chosen.map(({ cell }) => cell))].map(
    ({ row, durability, counts, violations, broken }): Cell => ({
      ...{ fault: row.fault, durability, runs: options.runs - broken, violations },
      counts: Object.fromEntries(counts) satisfies Counts,
    }),
  );
  console.log(`\n${toMarkdown(cells)}\n`);
  const seeds = chosen.map(({ seed }) => seed);
  console.log(`${ofWhat}, seeds ${Math.min(...seeds)} to ${Math.max(...seeds)}.`);
  console.log(`It took ${((performance.now() - startedAt) / 60_000).toFixed(1)} minutes.`);
  return chosen.every(({ cell }) => cell.violations === 0 && cell.broken === 0);
}

function isChosen(cell: { row: Row; durability: Durability }, { fault, durability }: TableOptions): boolean {
  return cell.row.fault.includes(fault ?? "") && (durability === undefined || cell.durability === durability);
}

/** How the figures were measured: versions, commit and load. */
async function provenance({ runs, jobsPerSecond }: TableOptions): Promise<string> {
  const git = promisify(execFile)("git", ["describe", "--always", "--dirty", "--abbrev=10"], {
    cwd: import.meta.dirname,
  });
  const commit = await git.then(({ stdout }) => stdout.trim()).catch(() => "unknown");
  const { version } = await findRedisServer();
  return [
    `Redis ${version}, Node ${process.versions.node}, commit ${commit}; ${runs} runs a cell,`,
    `each ${SECONDS} s of faults under ${jobsPerSecond} submits a second`,
  ].join(" ");
}
