import { bulkChecks } from "./bulk-checks.js";
import { chunkChecks } from "./chunk-checks.js";
import { compactChecks } from "./compact-checks.js";
import { corruptChecks } from "./corrupt-checks.js";
import { damageChecks } from "./damage-checks.js";
import { historyChecks } from "./history-checks.js";
import { leaseChecks } from "./lease-checks.js";
import { limitChecks } from "./limit-checks.js";
import { listingChecks } from "./listing-checks.js";
import { logChecks } from "./log-checks.js";
import { recordChecks } from "./record-checks.js";
import { scheduleChecks } from "./schedule-checks.js";
import { startChecks } from "./start-checks.js";
import type { Subject } from "./subject.js";
import { timeChecks } from "./time-checks.js";
import { toldChecks } from "./told-checks.js";
import { workerChecks } from "./worker-checks.js";

const checks = {
  ...toldChecks,
  ...recordChecks,
  ...leaseChecks,
  ...limitChecks,
  ...startChecks,
  ...timeChecks,
  ...chunkChecks,
  ...logChecks,
  ...compactChecks,
  ...damageChecks,
  ...corruptChecks,
  ...scheduleChecks,
  ...listingChecks,
  ...workerChecks,
  ...historyChecks,
  ...bulkChecks,
} as const satisfies Record<string, (on: Subject) => Promise<void>>;

/** The name of a check for what the model does not cover. */
export type CheckName = keyof typeof checks;

/** Checks for what the model does not cover: messages, payloads, chunks, logs, real time, memory, damage. Each passes on unchanged scripts. */
export const CHECKS: Readonly<Record<CheckName, (on: Subject) => Promise<void>>> = checks;
