import { isFinal } from "telltale";
import type { History, Leg } from "../history/history.js";
import type { RecordEvent } from "../history/history-event.js";
import type { Violation } from "./violation.js";

/** The interval of the position check, which detects a lost last event, plus one second. */
const END_WITHIN_MS = 6_000;

interface Silence {
  readonly from: number;
  readonly to: number;
}

/** G21: a watcher that is open at the end of a round, or resumes after it, receives the end in time. */
export function watchersGetTheEnd(history: History): Violation[] {
  const silences = silencesOf(history);
  return history.legs.flatMap((leg) => {
    const record = history.jobs.get(leg.opened.job)?.record;
    // A user without access receives nothing, and G8 reports a job that never ended.
    if (!record || !isFinal(record.status) || record.owner !== leg.opened.who) return [];
    return endOf(leg, record, silences);
  });
}

function endOf({ leg, opened, events, received }: Leg, record: RecordEvent, silences: readonly Silence[]): Violation[] {
  const { job, feed } = record;
  if (opened.after >= record.seq || events.some(({ phase }) => phase === "left")) return [];
  const end = received.find(({ status }) => isFinal(status));
  if (!end) {
    const [told] = events.filter(({ phase }) => phase === "done" || phase === "refused");
    return [{ rule: "G21", job, says: `${leg} never got the end${told ? `: ${told.phase} ${told.code ?? ""}` : ""}` }];
  }
  const lives = events.filter(({ phase, t }) => phase === "live" && t <= end.t).map(({ t }) => t);
  const at = feed.find(({ seq }) => seq === end.seq)?.at ?? record.at;
  const deadline = afterSilences(Math.max(at, opened.t, ...lives), silences) + END_WITHIN_MS;
  if (opened.isSlow || end.t <= deadline) return [];
  return [{ rule: "G21", job, says: `late end: ${leg} got it ${end.t - deadline} ms after its deadline` }];
}

// If a fault kept every event from reaching the watcher, the deadline counts from the end of that fault.
function afterSilences(from: number, silences: readonly Silence[]): number {
  let start = from;
  for (const silence of silences) {
    if (silence.from <= start + END_WITHIN_MS && silence.to > start) start = silence.to;
  }
  return start;
}

function silencesOf({ nemeses, events }: History): Silence[] {
  const last = events.at(-1)?.t ?? 0;
  return nemeses.flatMap((start, index): Silence[] => {
    if (start.phase !== "start" || !start.silences) return [];
    const stop = nemeses.slice(index).find(({ phase, name }) => phase === "stop" && name === start.name);
    return [{ from: start.t, to: stop?.t ?? last }];
  });
}
