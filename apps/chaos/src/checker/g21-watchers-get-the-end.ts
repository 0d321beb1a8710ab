import { isFinal } from "telltale";
import type { History, Leg } from "../history/history.js";
import type { RecordEvent } from "../history/history-event.js";
import type { Violation } from "./violation.js";

/** The interval of the position check, which finds a lost last event, and a second for everything else. */
const END_WITHIN_MS = 6_000;

interface Silence {
  readonly from: number;
  readonly to: number;
}

/** G21: a watcher that is open at the end of a round, or resumed after it, gets it in time. */
export function watchersGetTheEnd(history: History): Violation[] {
  const silences = silencesOf(history);
  return history.legs.flatMap((leg) => {
    const record = history.jobs.get(leg.opened.job)?.record;
    // A stranger is owed nothing, and a job that never ended is another rule's.
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

// While a fault keeps everything from reaching a watcher the time does not run; it starts anew once that is over.
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
