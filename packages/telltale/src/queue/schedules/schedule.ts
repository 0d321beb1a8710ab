import type { AnyJob, CatchUp, Duration, InputOf, Jobs, Priority } from "../../core/index.js";
import type { Timing } from "./timing.js";

/** A schedule that stands. */
export interface Schedule {
  readonly name: string;
  readonly kind: string;
  /** Where its jobs go. */
  readonly queue: string;
  readonly input: unknown;
  readonly timing: Timing;
  readonly catchUp: CatchUp;
  readonly owner: string | null;
  readonly priority: Priority;
  readonly tags: readonly string[];
  /** When it fires next; in the past while it is due. */
  readonly next: Date;
}

/** When a schedule fires: at the times of a cron expression in a time zone, or every so often. */
export type ScheduleTiming =
  | {
      /** Minute, hour, day of the month, month, day of the week. Where both kinds of day are named, either will do. */
      readonly cron: string;
      /** An IANA name, `"Europe/Berlin"`. @default "UTC" */
      readonly timeZone?: string;
      readonly every?: never;
    }
  | {
      /** 1 s to 365 d. The instants are whole multiples since 1970: the same on every server and after every set. */
      readonly every: Duration;
      readonly cron?: never;
      readonly timeZone?: never;
    };

/** What to make jobs of, when and how. */
export type NewSchedule<J extends AnyJob> = ScheduleTiming & {
  /** The contract. */
  readonly job: J;
  readonly input: NoInfer<InputOf<J>>;
  /**
   * What becomes of instants at which no worker ran: `last` makes one job for the last of them, however many passed,
   * `none` makes none for what is more than 10 s ago. @default "last"
   */
  readonly catchUp?: CatchUp;
  /** The subject its jobs belong to. @default nobody but operators */
  readonly owner?: string;
  /** @default "normal" */
  readonly priority?: Priority;
  /** Up to 8 of 64 characters. */
  readonly tags?: readonly string[];
};

/** An application's schedules. */
export interface Schedules<T extends Jobs> {
  /**
   * Keeps a schedule under a name, in place of the one that has it. The same again changes nothing, so every process may
   * set its schedules when it starts; while the timing stays the same, what is due stays due. Rejects with
   * `invalid_input`, `too_large` for an input over 16 KB, or `too_many` where the queue holds 1,000.
   */
  set<J extends T[keyof T]>(name: string, schedule: NewSchedule<J>): Promise<{ readonly next: Date }>;
  /** All, by name. */
  list(): Promise<Schedule[]>;
  /** Whether there was one. The jobs it made stay. */
  remove(name: string): Promise<boolean>;
}
