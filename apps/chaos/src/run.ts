import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { check } from "./checker/check.js";
import { type Counts, countsOf } from "./checker/counts.js";
import type { Violation } from "./checker/violation.js";
import type { Durability } from "./durability.js";
import { type History, indexHistory } from "./history/history.js";
import { readHistory } from "./history/read-history.js";
import { openRecorder } from "./history/recorder.js";
import { Load } from "./load/load.js";
import type { Nemesis } from "./nemesis/nemesis.js";
import { strikeAll } from "./nemesis/strike-all.js";
import { createRandom } from "./random.js";
import { countUnfinished, recordJobs } from "./stack/read-records.js";
import { type Stack, startStack } from "./stack/stack.js";

/** Options of one run. */
export interface RunOptions {
  readonly seed: number;
  /** How long faults run. The drain comes after. */
  readonly seconds: number;
  readonly nemeses: readonly Nemesis[];
  /** How many faults run at the same time. */
  readonly atOnce: number;
  readonly jobsPerSecond: number;
  readonly durability: Durability;
  readonly onStep: (text: string) => void;
}

/** The result of one run. */
export interface RunResult {
  readonly history: History;
  readonly counts: Counts;
  readonly violations: readonly Violation[];
  /** The history file, kept if there are violations. */
  readonly historyPath: string | null;
}

// The longest wait that a job can still have: a lease, and the backoffs of repeatedly lost workers.
const DRAIN_WITHIN_MS = 45_000;
const WATCHED_WITHIN_MS = 15_000;
const LOOK_MS = 50;

/** Starts a stack, puts load on it, runs the faults, heals and drains it, and checks the recorded history. */
export async function runChaos(options: RunOptions): Promise<RunResult> {
  const folder = await mkdtemp(join(tmpdir(), "telltale-chaos-"));
  const historyPath = join(folder, `seed-${options.seed}.ndjson`);
  await act(options, historyPath).catch((cause: unknown) => {
    throw new Error(`The run failed: ${String(cause)}\nhistory: ${historyPath}`, { cause });
  });
  const result = judge(historyPath);
  if (result.violations.length > 0) return result;
  await rm(folder, { recursive: true });
  return { ...result, historyPath: null };
}

/** Checks the history file of a run. */
export function judge(historyPath: string): RunResult {
  const history = indexHistory(readHistory(historyPath));
  const violations = check(history);
  return { history, counts: countsOf(history, violations), violations, historyPath };
}

async function act(options: RunOptions, historyPath: string): Promise<void> {
  const { seed, jobsPerSecond, durability, nemeses, onStep } = options;
  const random = createRandom(seed);
  const record = openRecorder(historyPath);
  await using stack = await startStack({
    ...{ historyPath, record, durability },
    hasReplica: nemeses.some(({ needsReplica }) => needsReplica),
    hasSentinels: nemeses.some(({ needsSentinels }) => needsSentinels),
  });
  onStep("the stack is up");
  const url = `http://127.0.0.1:${stack.front.port}`;
  await using load = new Load({ url, random: random.fork(), record, jobsPerSecond });
  load.start();
  await strikeAll({ stack, load, random: random.fork() }, options, record);
  onStep("draining");
  const from = performance.now();
  await load.settle();
  await drain(stack);
  onStep(`drained in ${((performance.now() - from) / 1_000).toFixed(1)} s`);
  await load.watched(WATCHED_WITHIN_MS);
  await recordJobs(await stack.redis.link(), record);
}

async function drain(stack: Stack): Promise<void> {
  const link = await stack.redis.link();
  const until = performance.now() + DRAIN_WITHIN_MS;
  // The checker reports the jobs that have not ended by then.
  while ((await countUnfinished(link)) > 0 && performance.now() < until) await delay(LOOK_MS);
}
