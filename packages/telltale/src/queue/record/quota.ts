/** The most that an account may have outstanding in one queue. A job is outstanding until it has ended. */
export interface Quota {
  /** The account that the job counts for. Null for that of its owner. */
  readonly account: string | null;
  /** The number of jobs. Null for no limit. */
  readonly jobs: number | null;
  /** The bytes of encoded inputs. Null for no limit. */
  readonly bytes: number | null;
}
