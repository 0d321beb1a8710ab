import type { History } from "../history/history.js";
import { cancelledIsCancelled } from "./cancelled-is-cancelled.js";
import { acknowledgedJobsExist } from "./g01-acknowledged-jobs-exist.js";
import { childrenAreKept } from "./g01-children-are-kept.js";
import { jobsWereSubmitted } from "./g02-jobs-were-submitted.js";
import { oneJobPerKey } from "./g03-one-job-per-key.js";
import { unknownResolves } from "./g04-unknown-resolves.js";
import { refusedSubmitsLeaveNothing } from "./g05-refused-submits-leave-nothing.js";
import { stepsAreInTheLifecycle } from "./g06-steps-are-in-the-lifecycle.js";
import { onePlace } from "./g07-one-place.js";
import { oneEndPerRound } from "./g08-one-end-per-round.js";
import { outputIsTheAcceptedOne } from "./g09-output-is-the-accepted-one.js";
import { oneLiveLease } from "./g10-one-live-lease.js";
import { noEarlyReclaim } from "./g12-no-early-reclaim.js";
import { attemptsAreBounded } from "./g13-attempts-are-bounded.js";
import { crashesCostOneAttempt } from "./g13-crashes-cost-one-attempt.js";
import { limitsHold } from "./g16-limits-hold.js";
import { noEarlyStart } from "./g16-no-early-start.js";
import { feedHasNoHoles } from "./g18-feed-has-no-holes.js";
import { watchersSeeOrder } from "./g19-watchers-see-order.js";
import { watchersSeeEverything } from "./g20-watchers-see-everything.js";
import { watchersGetTheEnd } from "./g21-watchers-get-the-end.js";
import { strangersSeeNothing } from "./g24-strangers-see-nothing.js";
import { processesLive } from "./g29-processes-live.js";
import { logsAreWhole } from "./g32-logs-are-whole.js";
import type { Violation } from "./violation.js";

const RULES: readonly ((history: History) => Violation[])[] = [
  acknowledgedJobsExist,
  jobsWereSubmitted,
  oneJobPerKey,
  childrenAreKept,
  unknownResolves,
  refusedSubmitsLeaveNothing,
  stepsAreInTheLifecycle,
  onePlace,
  oneEndPerRound,
  outputIsTheAcceptedOne,
  oneLiveLease,
  noEarlyReclaim,
  attemptsAreBounded,
  crashesCostOneAttempt,
  noEarlyStart,
  limitsHold,
  feedHasNoHoles,
  watchersSeeOrder,
  watchersSeeEverything,
  watchersGetTheEnd,
  strangersSeeNothing,
  cancelledIsCancelled,
  processesLive,
  logsAreWhole,
];

/** Returns every violation in a history. The run must have been healed and drained. */
export function check(history: History): Violation[] {
  return RULES.flatMap((rule) => rule(history));
}
