/** A guarantee that a history violates. */
export interface Violation {
  /** The guarantee's number. */
  readonly rule: string;
  /** The job it is about, so that its history can be printed. */
  readonly job?: string | undefined;
  readonly says: string;
}
