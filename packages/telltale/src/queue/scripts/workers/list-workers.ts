import { unexpected, wholeNumber } from "../checked-reply.js";
import { defineScript } from "../script.js";

/** A worker's entry in the registry. */
export interface ListedWorker {
  readonly entry: string;
  readonly lastSeenAt: number;
  readonly isDrained: boolean;
  /** When it started, and its record. */
  readonly text: string;
}

/** Lists some of the workers that are there, by name and id. */
export const listWorkers = defineScript("list-workers", {
  args: ({ limit, after }: Readonly<{ limit: number; after: string | null }>, clock) => [clock, limit, after ?? ""],
  reply: {
    parse: (reply) => {
      if (!Array.isArray(reply) || reply[0] !== "workers") throw unexpected(reply);
      const [, now, total, next, ...fields]: unknown[] = reply;
      const workers: ListedWorker[] = [];
      for (let i = 0; i + 3 < fields.length; i += 4) {
        const [entry, lastSeenAt, isDrained, text] = fields.slice(i, i + 4);
        workers.push({
          entry: String(entry),
          lastSeenAt: wholeNumber(lastSeenAt),
          isDrained: isDrained === 1,
          text: String(text),
        });
      }
      return { now: wholeNumber(now), total: wholeNumber(total), next: next === "" ? null : String(next), workers };
    },
  },
});
