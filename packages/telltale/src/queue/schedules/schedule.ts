import type { AnyJob, CatchUp, Duration, InputOf, Jobs, Priority } from "../../core/index.js";
import type { Timing } from "./timing.js";

/** A stored schedule. */
export interface Schedule {
  readonly name: string;
  /** The kind of its jobs. */
  readonly kind: string;
  /** The queue of its jobs. */
  readonly queue: string;
  /** The input of its jobs. */
  readonly input: unknown;
  readonly timing: Timing;
  /** What happens to times that were missed; see `NewSchedule`. */
  readonly catchUp: CatchUp;
  /** The subject that owns its jobs. Null if only operators may see them. */
  readonly owner: string | null;
  readonly priority: Priority;
  readonly tags: readonly string[];
  /** When it fires next. In the past if it is due and not yet fired. */
  readonly next: Date;
}

/** When a schedule fires: at the times of a cron expression in a time zone, or periodically. */
export type ScheduleTiming =
  | {
      /**
       * Five fields: minute, hour, day of the month, month, day of the week. If both day fields are restricted, it fires on days that match
       * either one.
       */
      readonly cron: string;
      /** The IANA name of a time zone, such as `"Europe/Berlin"`. @default "UTC" */
      readonly timeZone?: string;
      readonly every?: never;
    }
  | {
      /**
       * The period, 1 s to 365 d, such as `"10m"`. It fires at multiples of the period since 1970 (UTC), so its times do not depend on when
       * the schedule was set.
       */
      readonly every: Duration;
      readonly cron?: never;
      readonly timeZone?: never;
    };

/** The options of a schedule: its timing, and the job that it submits. */
export type NewSchedule<J extends AnyJob> = ScheduleTiming & {
  /** The contract of the jobs. */
  readonly job: J;
  /** The input of each job, up to 16 KB. */
  readonly input: NoInfer<InputOf<J>>;
  /**
   * What to do about times that were missed while no worker was running. `last` submits one job, for the last missed time. `none`
   * submits no job for times more than 10 s ago. @default "last"
   */
  readonly catchUp?: CatchUp;
  /** The subject that owns the jobs. @default none: only operators see them */
  readonly owner?: string;
  /** The priority of the jobs. @default "normal" */
  readonly priority?: Priority;
  /** Labels of the jobs: up to 8, each up to 64 characters. @default none */
  readonly tags?: readonly string[];
};

/** An application's schedules. */
export interface Schedules<T extends Jobs> {
  /**
   * Creates or replaces the schedule with this name. Setting the same schedule again changes nothing, so every process can set its
   * schedules when it starts. If the timing does not change, a due time stays due. Rejects with `invalid_input`, with `too_large`
   * for an input over 16 KB, or with `too_many` if the queue already has 1,000 schedules.
   */
  set<J extends T[keyof T]>(name: string, schedule: NewSchedule<J>): Promise<{ readonly next: Date }>;
  /** Returns all schedules, sorted by name. Malformed ones are logged and left out. */
  list(): Promise<Schedule[]>;
  /** Deletes a schedule and keeps its jobs. Returns false if it does not exist. Rejects with `invalid_input` for an invalid name. */
  remove(name: string): Promise<boolean>;
}
