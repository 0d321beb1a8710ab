import { z } from "zod";
import { describeError } from "./describe-event.js";
import { printableLine } from "./printable.js";
import type { Screen } from "./screen.js";
import { duration } from "./span.js";
import { table } from "./table.js";

const Story = z.array(
  z.looseObject({
    round: z.number(),
    attempt: z.number(),
    outcome: z.string(),
    startedAt: z.number(),
    waitedMs: z.number(),
    ranMs: z.number().optional(),
    error: z.object({ code: z.string(), message: z.string() }).optional(),
    worker: z.looseObject({ name: z.string() }).optional(),
  }),
);
type Attempt = z.infer<typeof Story>[number];

const COLUMNS = [
  { title: "STARTED" },
  { title: "ATTEMPT" },
  { title: "WAITED", right: true },
  { title: "RAN", right: true },
  { title: "" },
  { title: "OUTCOME" },
  { title: "WORKER" },
  { title: "ERROR" },
];
const BAR = 20;

/**
 * Formats the attempts of a job as a timeline, one line for each: `░` stands for the time that the job waited, `█` for the time that the
 * attempt ran, both to the scale of the longest attempt. Returns null for something else.
 */
export function storyLines(value: unknown, screen: Screen): string[] | null {
  const story = Story.safeParse(value);
  if (!story.success) return null;
  if (story.data.length === 0) return ["no attempt so far"];
  const longest = Math.max(...story.data.map(({ waitedMs, ranMs = 0 }) => waitedMs + ranMs));
  const rounds = story.data.some(({ round }) => round > 1);
  return table(
    COLUMNS,
    story.data.map((attempt) => cells(attempt, { longest, rounds })),
    screen,
  );
}

function cells(attempt: Attempt, { longest, rounds }: Readonly<{ longest: number; rounds: boolean }>): string[] {
  const { round, startedAt, waitedMs, ranMs, outcome, worker, error } = attempt;
  return [
    new Date(startedAt).toISOString(),
    rounds ? `${round}.${attempt.attempt}` : String(attempt.attempt),
    duration(waitedMs),
    ranMs === undefined ? "" : duration(ranMs),
    bar("░", waitedMs, longest) + bar("█", ranMs ?? 0, longest),
    printableLine(outcome),
    printableLine(worker?.name ?? ""),
    error ? describeError(error) : "",
  ];
}

// What took any time at all is shown.
function bar(mark: string, ms: number, longest: number): string {
  return ms > 0 ? mark.repeat(Math.max(1, Math.round((BAR * ms) / longest))) : "";
}
