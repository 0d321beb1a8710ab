/** The process that ran an attempt. */
export interface WorkerIdentity {
  /** The worker's name, `<host>-<pid>` unless it was given one. */
  readonly name: string;
  readonly host: string;
  readonly pid: number;
}
