/** The failed jobs of one kind with one error code, of those that are still kept. */
export interface FailureGroup {
  queue: string;
  kind: string;
  code: string;
  /** At least this many, if `isPartial`. */
  count: number;
  /** When the first and the last of them failed: Redis's time, ms since 1970. */
  firstAt: number;
  lastAt: number;
  /** Whether there are older ones that were not counted. */
  isPartial: boolean;
}
