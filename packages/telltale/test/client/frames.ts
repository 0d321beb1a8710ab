import { tracked } from "@trpc/server";
import { formatPosition, type JobStatus } from "telltale";
import { JUDGE_ID } from "./contracts.js";

const EPOCH = 1_700_000_000_000;

/** A status event as a jobs router sends it. */
export function status(seq: number, word: JobStatus, more: Readonly<Record<string, unknown>> = {}) {
  const rev = typeof more.rev === "number" ? more.rev : 0;
  const event = { id: JUDGE_ID, kind: "judge", seq, rev, round: 1, status: word, attempt: 1, at: EPOCH + seq, ...more };
  return tracked(formatPosition({ epoch: EPOCH + seq, seq, rev }), event);
}

/** A chunk as a jobs router sends it. */
export function chunk(n: number) {
  const at = EPOCH + n;
  return tracked(`${at.toString(36)}:${n}`, { id: JUDGE_ID, round: 1, attempt: 1, n, at, data: { text: `line ${n}` } });
}

/** Waits until the client has left, like a subscription of a real server. */
export async function untilGone(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
}
