import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Telltale } from "telltale/server";
import type { jobs } from "./contracts.js";
import type { JobHistory } from "./job-history.js";
import type { WorkerProcess } from "./worker-process.js";

/** Options of the report. */
export interface ReportOptions {
  readonly telltale: Telltale<typeof jobs>;
  /** All workers, stopped. */
  readonly workers: readonly WorkerProcess[];
  /** The name of the worker that was killed. */
  readonly killed: string | undefined;
  /** The histories of all acknowledged jobs. */
  readonly histories: readonly JobHistory[];
  readonly folder: string;
}

/** Prints how many jobs each worker ran and how they ended. Returns true if all claims hold. */
export async function report({ telltale, workers, killed, histories, folder }: ReportOptions): Promise<boolean> {
  const starts = (id: string): number => workers.flatMap(({ started }) => started).filter((one) => one === id).length;
  const executions = histories.reduce((sum, { id }) => sum + starts(id), 0);
  const completed = histories.filter(({ output }) => output !== null);
  const again = histories.filter(({ id }) => starts(id) > 1);
  const isTakenFromTheKilled = (history: JobHistory): boolean =>
    workers.some(({ name, started }) => name === killed && started.includes(history.id)) &&
    history.output !== null &&
    history.output.worker !== killed;

  console.log("\n           started  completed");
  for (const { name, started } of workers) {
    const own = completed.filter(({ output }) => output?.worker === name);
    console.log(row(name, started.length, own.length) + (name === killed ? "   killed" : ""));
  }
  console.log(row("all", executions, completed.length));
  console.log(`\nlost       ${histories.length - completed.length} of ${histories.length} acknowledged jobs`);
  for (const { statuses } of again) console.log(`ran again  1 job: ${statuses.join(", ")}`);

  const claims: readonly (readonly [holds: boolean, claim: string])[] = [
    [completed.length === histories.length, "every acknowledged job completed"],
    [await areSettledOnce(telltale, histories), "each was settled exactly once, even if it was started twice"],
    [again.some(isTakenFromTheKilled), "the job of the killed worker was run again by another"],
    [workers.every(({ started }) => started.length > 1), "all three workers ran jobs"],
    [await areWritten(completed, folder), "there is one statement for each job, with the hash in its output"],
  ];
  console.log();
  for (const [holds, claim] of claims) console.log(`${holds ? "holds" : "FAILS"}      ${claim}`);
  return claims.every(([holds]) => holds);
}

function row(name: string, started: number, completed: number): string {
  return `${name.padEnd(11)}${String(started).padStart(7)}${String(completed).padStart(11)}`;
}

/** Whether each job was completed once, as its last event. All workers have stopped, so nothing changes any more. */
async function areSettledOnce(telltale: Telltale<typeof jobs>, histories: readonly JobHistory[]): Promise<boolean> {
  const settledOnce = histories.map(async ({ id, statuses }) => {
    const { status, seq } = await telltale.statement.job(id).get();
    const settlements = statuses.filter((one) => one === "completed").length;
    return settlements === 1 && status === "completed" && seq === statuses.length;
  });
  return (await Promise.all(settledOnce)).every(Boolean);
}

async function areWritten(completed: readonly JobHistory[], folder: string): Promise<boolean> {
  const files = (await readdir(folder)).filter((file) => file.endsWith(".csv.gz"));
  if (files.length !== completed.length) return false;
  const asAnswered = completed.map(async ({ output }) => {
    const written = await readFile(join(folder, output?.file ?? ""));
    return createHash("sha256").update(written).digest("hex") === output?.sha256;
  });
  return (await Promise.all(asAnswered)).every(Boolean);
}
