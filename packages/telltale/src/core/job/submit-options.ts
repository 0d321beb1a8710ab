import { type Duration, durationMs } from "../contract/duration.js";
import { TelltaleError } from "../errors/error.js";

/** The priorities, most urgent first. Waiting jobs of a higher priority start first. */
export const PRIORITIES = ["urgent", "high", "normal", "low"] as const;

/** One of `PRIORITIES`. */
export type Priority = (typeof PRIORITIES)[number];

/** The options of a submit. */
export interface SubmitOptions {
  /**
   * A second submit with the same key returns the existing job; with another input it rejects with `idempotency_conflict`. Keys
   * count per kind and owner.
   */
  readonly idempotencyKey?: string;
  /** At most one unfinished job per kind and owner has this key. Others reject with `unique_conflict`. */
  readonly uniqueKey?: string;
  readonly delay?: Duration;
  readonly runAt?: Date;
  /** Cancels the job if its first attempt has not started this long after the job is due. @default never */
  readonly startWithin?: Duration;
  /** @default "normal" */
  readonly priority?: Priority;
  /** Labels to find the job by: up to 8, each up to 64 characters. */
  readonly tags?: readonly string[];
}

/**
 * The properties of each option. The wire schema, the client's checks, prepared jobs, the arguments of the scripts and the flags
 * of the command line are built from this table, so a new option is added here and in `SubmitOptions`.
 *
 * `argument` is the option's name in Lua. Arguments that `lib/store.lua` does not treat specially are stored in the job's hash.
 */
export const SUBMIT_OPTIONS = {
  priority: {
    is: "word",
    words: PRIORITIES,
    unset: "normal",
    argument: "priority",
    cli: { flag: "--priority <priority>", help: "which jobs start first" },
  },
  delay: {
    is: "duration",
    minMs: 0,
    argument: "delay",
    cli: { flag: "--delay <duration>", help: "start the job no earlier than this from now: 30s, 10m, 2h" },
  },
  runAt: { is: "date", argument: "run_at", cli: null },
  startWithin: {
    is: "duration",
    minMs: 1,
    argument: "start_within",
    cli: { flag: "--start-within <duration>", help: "cancel the job if it has not started this long after it is due" },
  },
  tags: {
    is: "tags",
    argument: "tags",
    cli: { flag: "--tag <tag>", help: "label to find the job by; can be repeated" },
  },
  idempotencyKey: {
    is: "key",
    argument: "idempotency",
    cli: { flag: "--key <key>", help: "idempotency key: repeating it returns the same job" },
  },
  uniqueKey: {
    is: "key",
    argument: "unique",
    cli: { flag: "--unique <key>", help: "refuse the job while an unfinished job has this key" },
  },
} as const satisfies {
  readonly [K in keyof SubmitOptions]-?: SubmitOption & { readonly is: FormOf<SubmitOptions[K]> };
};

/** The form of an option in code, on the wire (where a duration is a number of ms, and its name ends in `Ms`) and in Redis. */
export type SubmitOption = {
  /** Its name in the arguments of a script. */
  readonly argument: string;
  /** Its flag of `telltale submit`, if it has one. */
  readonly cli: { readonly flag: string; readonly help: string } | null;
} & (
  | { readonly is: "date"; readonly cli: null }
  | { readonly is: "key" | "tags" }
  | { readonly is: "duration"; readonly minMs: number }
  | { readonly is: "word"; readonly words: readonly string[]; readonly unset: string }
);

/** The name of an option in code. */
export type SubmitOptionName = keyof typeof SUBMIT_OPTIONS;

/** The options on the wire, and in the server process after they were checked. */
export type WireSubmitOptions = {
  [K in SubmitOptionName as WireName<K>]?: WireValue<(typeof SUBMIT_OPTIONS)[K]> | undefined;
};

/** The options that callers of the wire may send: those of `WireSubmitOptions`, or durations written as in code. */
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

/** The table as a list of pairs. */
export function submitOptions(): (readonly [name: SubmitOptionName, option: SubmitOption])[] {
  // TypeScript does not know that a constant has no further keys.
  return Object.entries(SUBMIT_OPTIONS) as [SubmitOptionName, SubmitOption][];
}

/** The name of an option on the wire. */
export function wireNameOf(name: SubmitOptionName): keyof WireSubmitOptions {
  // `WireName` at run time.
  return (SUBMIT_OPTIONS[name].is === "duration" ? `${name}Ms` : name) as keyof WireSubmitOptions;
}

/**
 * Converts options from code to their form on the wire. Values other than durations are not checked. Throws `invalid_config`
 * for a duration that is none, and `invalid_input` for an option that does not exist.
 */
export function toWireOptions(options: SubmitOptions): WireSubmitOptions {
  const wire: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(options) as [string, unknown][]) {
    if (value === undefined) continue;
    if (!isOptionName(name)) throw unknownOption(name);
    // `durationMs` refuses anything that is not a duration.
    if (SUBMIT_OPTIONS[name].is === "duration") wire[wireNameOf(name)] = durationMs(value as Duration);
    else wire[name] = Array.isArray(value) ? [...value] : value;
  }
  // Built from the table that the type is computed from.
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
