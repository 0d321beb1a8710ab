import { unexpected, wholeNumber } from "../checked-reply.js";
import { defineScript } from "../script.js";

/** What a worker tells with each beat. */
export interface Beat {
  /** The worker's entry in the registry; see `entryOf`. */
  readonly entry: string;
  /** What it does, as one line of text. */
  readonly record: string;
  /** When it started, by Redis's clock. Null in its first beat. */
  readonly startedAt: number | null;
}

/** What a worker learns from the reply of a beat. */
export interface BeatReply {
  /** Redis's time, ms since 1970. */
  readonly now: number;
  /** Whether it was asked to stop claiming. */
  readonly isDrained: boolean;
}

/** Tells that a worker is there, and what it does. */
export const beat = defineScript("beat", {
  args: ({ entry, record, startedAt }: Beat, clock) => [clock, entry, record, startedAt ?? ""],
  reply: {
    parse: (reply): BeatReply => {
      if (!Array.isArray(reply) || reply[0] !== "seen") throw unexpected(reply);
      return { now: wholeNumber(reply[1]), isDrained: reply[2] === 1 };
    },
  },
});
