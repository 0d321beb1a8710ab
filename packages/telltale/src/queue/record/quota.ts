/** The most that an account may have outstanding in one queue. A job is outstanding until it has ended. */
export interface Quota {
  /** The account that the job counts for. Null for that of its owner. */
  readonly account: string | null;
  readonly jobs: number;
  /** The bytes of encoded inputs. */
  readonly bytes: number;
}
