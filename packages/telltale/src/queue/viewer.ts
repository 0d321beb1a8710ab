import type { AnyJob } from "../core/index.js";
import type { SensitivePath } from "../core/internal.js";

/** Who looks at a job. This decides what is shown of it. */
export interface Viewer {
  /** Operators see the real messages of failures, and which worker ran a job. */
  readonly isOperator: boolean;
  /** Where values are replaced. */
  readonly hidden: readonly SensitivePath[];
}

/** Code of the application itself, from which nothing is hidden. */
export const APPLICATION: Viewer = { isOperator: true, hidden: [] };

/** Returns what a caller may see of a job of this kind: operators see no sensitive values in the jobs of others. */
export function viewerOf(
  contract: Pick<AnyJob, "sensitive"> | undefined,
  { isOperator, isOwner }: Readonly<{ isOperator: boolean; isOwner: boolean }>,
): Viewer {
  return { isOperator, hidden: isOperator && !isOwner ? (contract?.sensitive ?? []) : [] };
}
