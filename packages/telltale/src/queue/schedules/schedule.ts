import type { AnyJob, CatchUp, Duration, InputOf, Jobs, Priority } from "../../core/index.js";
import type { Timing } from "./timing.js";

/** A stored schedule. */
export interface Schedule {
  readonly name: string;
  readonly kind: string;
  /** The queue of its jobs. */
  readonly queue: string;
  readonly input: unknown;
  readonly timing: Timing;
  readonly catchUp: CatchUp;
  readonly owner: string | null;
  readonly priority: Priority;
  readonly tags: readonly string[];
  /** When it fires next. In the past while it is due. */
  readonly next: Date;
}

/** When a schedule fires: at the times of a cron expression in a time zone, or periodically. */
export type ScheduleTiming =
  | {
      /** Minute, hour, day of the month, month, day of the week. If both kinds of day are restricted, either one is enough. */
      readonly cron: string;
      /** The IANA name of a time zone, such as `"Europe/Berlin"`. @default "UTC" */
      readonly timeZone?: string;
      readonly every?: never;
    }
  | {
      /** The period, 1 s to 365 d. Times are multiples of it since 1970, so they do not depend on when the schedule was set. */
      readonly every: Duration;
      readonly cron?: never;
      readonly timeZone?: never;
    };

/** The options of a schedule: its timing, and the job that it submits. */
export type NewSchedule<J extends AnyJob> = ScheduleTiming & {
  /** The contract. */
  readonly job: J;
  readonly input: NoInfer<InputOf<J>>;
  /**
   * What to do about times that were missed while no worker was running: `last` submits one job for the last of them, and `none`
   * submits none for times more than 10 s ago. @default "last"
   */
  readonly catchUp?: CatchUp;
  /** The subject that the jobs belong to. @default none: only operators see them */
  readonly owner?: string;
  /** @default "normal" */
  readonly priority?: Priority;
  /** Labels of the jobs: up to 8, each up to 64 characters. */
  readonly tags?: readonly string[];
};

/** An application's schedules. */
export interface Schedules<T extends Jobs> {
  /**
   * Creates or replaces the schedule of this name. Setting the same schedule again changes nothing, so every process can set its
   * schedules when it starts. If the timing does not change, a due time stays due. Rejects with `invalid_input`, with `too_large`
   * for an input over 16 KB, or with `too_many` if the queue has 1,000 schedules.
   */
  set<J extends T[keyof T]>(name: string, schedule: NewSchedule<J>): Promise<{ readonly next: Date }>;
  /** Returns all schedules, sorted by name. */
  list(): Promise<Schedule[]>;
  /** Deletes a schedule. Returns whether there was one. Its jobs are kept. */
  remove(name: string): Promise<boolean>;
}
