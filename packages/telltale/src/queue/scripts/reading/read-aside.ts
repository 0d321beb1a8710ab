import { z } from "zod";
import { defineScript } from "../script.js";

const Entry = z.string().transform((entry) => {
  const [id = "", place = "", reason = ""] = entry.split("\n");
  return { id, place, reason };
});

/** Reads the jobs that were set aside, newest first. */
export const readAside = defineScript("read-aside", {
  args: ({ limit }: { limit: number }) => [limit],
  reply: z.tuple([z.literal("aside"), z.number(), z.array(z.string())]).transform(([, count, entries]) => ({
    count,
    jobs: entries.flatMap((entry, i) => (i % 2 === 0 ? [{ ...Entry.parse(entry), at: Number(entries[i + 1]) }] : [])),
  })),
});
