import type { Forgetting } from "../durability.js";
import type { History } from "../history/history.js";
import type { RecordEvent } from "../history/history-event.js";

/**
 * Until when Redis may have forgotten what it had said: the steps of jobs, or acknowledged jobs too. What was seen before
 * may be of a history that is gone; everything after must hold as ever. -Infinity where no fault made it forget.
 */
export function forgottenUntil({ nemeses, events }: History, what: Exclude<Forgetting, "nothing">): number {
  const of = nemeses.filter(({ forgets }) => forgets === what || forgets === "jobs");
  const isOpen = of.at(-1)?.phase === "start";
  return isOpen ? (events.at(-1)?.t ?? 0) : (of.at(-1)?.t ?? Number.NEGATIVE_INFINITY);
}

/** Whether a job's stored history has a transition that somebody was told of; it may have been trimmed. */
export function isKept({ feed }: RecordEvent, { seq, at }: { readonly seq: number; readonly at: number }): boolean {
  const first = feed[0];
  return first === undefined || seq < first.seq || feed.some((stored) => stored.seq === seq && stored.at === at);
}
