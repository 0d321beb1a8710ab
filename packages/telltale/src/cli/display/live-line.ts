import cliTruncate from "cli-truncate";
import type { AnyJob, JobEvent } from "../../core/index.js";
import { bar } from "../output/bar.js";
import { describeEvent, describeProgress } from "../output/describe-event.js";
import { progressShare } from "../output/progress-share.js";
import type { Screen } from "../output/screen.js";
import { took } from "../output/span.js";

const FRAMES = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
/** On a narrower screen the progress bar is left out to make room for the numbers. */
const MIN_COLUMNS = 40;

/** The state that the last line of the screen shows. */
export interface LiveState {
  readonly event: JobEvent<AnyJob> | null;
  readonly isLive: boolean;
  readonly elapsedMs: number;
  /** Selects the frame of the spinner, which moves even if the job's state does not change. */
  readonly frame: number;
}

/** Describes the state of a job in one line that fits the screen. */
export function liveLine({ event, isLive, elapsedMs, frame }: LiveState, { palette, columns }: Screen): string {
  const spinner = palette.cyan(FRAMES[frame % FRAMES.length] ?? "");
  const status = event === null ? "waiting" : event.status === "retrying" ? "waiting to retry" : event.status;
  const parts = [spinner, palette.bold(status)];
  const progress = event?.status === "running" ? event.progress : undefined;
  const share = progressShare(progress);
  if (share && columns() >= MIN_COLUMNS) parts.push(bar(share.share, columns(), palette));
  if (share) parts.push(share.text);
  else if (progress !== undefined) parts.push(describeProgress(progress));
  else if (event?.status === "retrying") parts.push(palette.dim(describeEvent(event)));
  if (event && event.attempt > 1 && event.status === "running") parts.push(palette.yellow(`attempt ${event.attempt}`));
  if (event?.cancelRequested) parts.push(palette.yellow("cancelling"));
  if (!isLive) parts.push(palette.yellow("reconnecting …"));
  parts.push(palette.dim(took(elapsedMs)));
  return cliTruncate(parts.join("  "), columns());
}
