/** The caller. */
export interface Subject {
  /** The user's id, stable and unique among all callers. Jobs belong to it. */
  readonly id: string;
  /** Whether the caller may see and manage all jobs. @default false */
  readonly operator?: boolean | undefined;
}
