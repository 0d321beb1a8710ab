import type { Forgetting } from "../durability.js";
import type { History } from "../history/history.js";
import type { RecordEvent } from "../history/history-event.js";

/**
 * The time until which a fault may have made Redis forget transitions (`steps`) or acknowledged jobs (`jobs`). Events
 * before it may belong to a history that is gone; the guarantees hold for later ones. -Infinity without such a fault.
 */
export function forgottenUntil({ nemeses, events }: History, what: Exclude<Forgetting, "nothing">): number {
  const of = nemeses.filter(({ forgets }) => forgets === what || forgets === "jobs");
  const isOpen = of.at(-1)?.phase === "start";
  return isOpen ? (events.at(-1)?.t ?? 0) : (of.at(-1)?.t ?? Number.NEGATIVE_INFINITY);
}

/** Whether a job's stored feed has a transition that a watcher received. True if that part of the feed was trimmed. */
export function isKept({ feed }: RecordEvent, { seq, at }: { readonly seq: number; readonly at: number }): boolean {
  const first = feed[0];
  return first === undefined || seq < first.seq || feed.some((stored) => stored.seq === seq && stored.at === at);
}
