import { bulkMutants } from "./bulk-mutants.js";
import { compactMutants } from "./compact-mutants.js";
import { damageMutants } from "./damage-mutants.js";
import { fullRedisMutants } from "./full-redis-mutants.js";
import { historyMutants } from "./history-mutants.js";
import { leasesMutants } from "./leases-mutants.js";
import { limitsMutants } from "./limits-mutants.js";
import { listingMutants } from "./listing-mutants.js";
import { logMutants } from "./log-mutants.js";
import type { Mutant } from "./mutant.js";
import { outstandingMutants } from "./outstanding-mutants.js";
import { resourcesMutants } from "./resources-mutants.js";
import { schedulesMutants } from "./schedules-mutants.js";
import { stateMutants } from "./state-mutants.js";
import { statusMutants } from "./status-mutants.js";
import { submissionMutants } from "./submission-mutants.js";
import { timeMutants } from "./time-mutants.js";
import { workersMutants } from "./workers-mutants.js";

/** The planted faults, in the order of the guarantees. */
export const MUTANTS: readonly Mutant[] = [
  ...submissionMutants,
  ...stateMutants,
  ...leasesMutants,
  ...timeMutants,
  ...limitsMutants,
  ...compactMutants,
  ...outstandingMutants,
  ...statusMutants,
  ...logMutants,
  ...resourcesMutants,
  ...damageMutants,
  ...schedulesMutants,
  ...fullRedisMutants,
  ...listingMutants,
  ...workersMutants,
  ...historyMutants,
  ...bulkMutants,
];
