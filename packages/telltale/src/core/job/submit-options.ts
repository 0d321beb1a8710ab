import { type Duration, durationMs } from "../contract/duration.js";
import { TelltaleError } from "../errors/error.js";

/** The priorities, most urgent first. In a queue, jobs of a higher priority start first. */
export const PRIORITIES = ["urgent", "high", "normal", "low"] as const;

/** One of `PRIORITIES`. */
export type Priority = (typeof PRIORITIES)[number];

/** The options of a submit. */
export interface SubmitOptions {
  /**
   * A second submit with the same key returns the existing job. With a different input it rejects with `idempotency_conflict`.
   * Keys are separate for each kind and owner. A key is remembered while its job is unfinished, and after that for the queue's
   * longest retention plus one hour. @default none; `telltale/client` generates one for each submit
   */
  readonly idempotencyKey?: string;
  /**
   * At most one unfinished job of a kind and owner can have this key. Other submits reject with `unique_conflict` until it ends.
   * @default none
   */
  readonly uniqueKey?: string;
  /** Starts the job this much later, at most ten years. Cannot be combined with `runAt`. @default 0 */
  readonly delay?: Duration;
  /** Starts the job no earlier than this. Cannot be combined with `delay`. @default now */
  readonly runAt?: Date;
  /** Cancels the job if its first attempt has not started this long after the job was due. @default never */
  readonly startWithin?: Duration;
  /** Jobs of a higher priority start first. @default "normal" */
  readonly priority?: Priority;
  /** Labels to find the job by: up to 8, each of up to 64 letters, digits, dots, colons, hyphens and underscores. @default [] */
  readonly tags?: readonly string[];
}

/**
 * The properties of each option. The wire schema, the client's checks, prepared jobs and the arguments of the scripts are built
 * from this table. To add an option, add it here, to `SubmitOptions` and to the flags of the command line.
 *
 * `argument` is the option's name in Lua and in the job's record. Every option is stored, unless `record/job-to-store.ts` says that only
 * the creation of the job needs it.
 */
export const SUBMIT_OPTIONS = {
  priority: { is: "word", words: PRIORITIES, unset: "normal", argument: "priority" },
  delay: { is: "duration", minMs: 0, argument: "delay" },
  runAt: { is: "date", argument: "run_at" },
  startWithin: { is: "duration", minMs: 1, argument: "start_within" },
  tags: { is: "tags", argument: "tags" },
  idempotencyKey: { is: "key", argument: "idempotency" },
  uniqueKey: { is: "key", argument: "unique" },
} as const satisfies {
  readonly [K in keyof SubmitOptions]-?: SubmitOption & { readonly is: FormOf<SubmitOptions[K]> };
};

/** The form of an option. On the wire, a duration is a number of ms, and its name ends in `Ms`. */
export type SubmitOption = {
  /** Its name in the arguments of a script. */
  readonly argument: string;
} & (
  | { readonly is: "date" | "key" | "tags" }
  | { readonly is: "duration"; readonly minMs: number }
  | { readonly is: "word"; readonly words: readonly string[]; readonly unset: string }
);

/** The name of an option in code. */
export type SubmitOptionName = keyof typeof SUBMIT_OPTIONS;

/** The options of a submit on the wire, and in the server process after validation. Durations are in ms: `delayMs`. */
export type WireSubmitOptions = {
  [K in SubmitOptionName as WireName<K>]?: WireValue<(typeof SUBMIT_OPTIONS)[K]> | undefined;
};

/**
 * The options that callers may send over the wire: `WireSubmitOptions`, or durations written as in code, such as `delay: "5s"`.
 */
export type WireSubmitOptionsInput = WireSubmitOptions & Pick<SubmitOptions, "delay" | "startWithin">;

type FormOf<V> = [V] extends [Date | undefined]
  ? "date"
  : [V] extends [readonly string[] | undefined]
    ? "tags"
    : [Exclude<V, undefined>] extends [Duration]
      ? "duration"
      : string extends V
        ? "key"
        : "word";

type WireName<K extends SubmitOptionName> = (typeof SUBMIT_OPTIONS)[K]["is"] extends "duration" ? `${K}Ms` : K;

type WireValue<O extends SubmitOption> = O extends { readonly is: "word"; readonly words: readonly (infer W)[] }
  ? W
  : { date: Date; duration: number; key: string; tags: string[]; word: never }[O["is"]];

/** Returns the table as a list of pairs. */
export function submitOptions(): (readonly [name: SubmitOptionName, option: SubmitOption])[] {
  // TypeScript cannot know that the constant has no other keys.
  return Object.entries(SUBMIT_OPTIONS) as [SubmitOptionName, SubmitOption][];
}

/** Returns the name of an option on the wire. */
export function wireNameOf(name: SubmitOptionName): keyof WireSubmitOptions {
  // Computes `WireName` at run time.
  return (SUBMIT_OPTIONS[name].is === "duration" ? `${name}Ms` : name) as keyof WireSubmitOptions;
}

/**
 * Converts options from code to their form on the wire. Does not check values other than durations. Throws `invalid_config` for
 * an invalid duration, and `invalid_input` for an unknown option.
 */
export function toWireOptions(options: SubmitOptions): WireSubmitOptions {
  const wire: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(options) as [string, unknown][]) {
    if (value === undefined) continue;
    if (!isOptionName(name)) throw unknownOption(name);
    // `durationMs` throws for anything that is not a duration.
    if (SUBMIT_OPTIONS[name].is === "duration") wire[wireNameOf(name)] = durationMs(value as Duration);
    else wire[name] = Array.isArray(value) ? [...value] : value;
  }
  // The type is computed from the same table.
  return wire;
}

function isOptionName(name: string): name is SubmitOptionName {
  return Object.hasOwn(SUBMIT_OPTIONS, name);
}

function unknownOption(name: string): TelltaleError {
  const known = Object.keys(SUBMIT_OPTIONS).join(", ");
  return new TelltaleError("invalid_input", `There is no submit option ${quoted(name)}. The options are ${known}`, {
    data: { issues: [{ path: [], code: "unrecognized_keys", keys: [name.slice(0, 64)] }] },
  });
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 64));
}
