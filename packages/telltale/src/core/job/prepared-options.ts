import {
  SUBMIT_OPTIONS,
  type SubmitOption,
  type SubmitOptionName,
  submitOptions,
  type WireSubmitOptions,
  wireNameOf,
} from "./submit-options.js";

/**
 * The options of a prepared job. Options that are not set are null. Dates are ms since 1970. A delay is stored as a date, counted
 * from the time at which the job was prepared.
 */
export type PreparedOptions = { [K in Kept as PreparedName<K>]: PreparedValue<K> };

type Kept = Exclude<SubmitOptionName, "delay">;
type PreparedName<K extends Kept> = (typeof SUBMIT_OPTIONS)[K]["is"] extends "date" | "duration" ? `${K}Ms` : K;
type PreparedValue<K extends Kept> = (typeof SUBMIT_OPTIONS)[K] extends { readonly words: readonly (infer W)[] }
  ? W
  : {
      date: number | null;
      duration: number | null;
      key: string | null;
      tags: string[];
      word: never;
    }[(typeof SUBMIT_OPTIONS)[K]["is"]];

/** Converts options to the form of a prepared job. `nowMs` is the time from which a delay counts. */
export function toPreparedOptions({ delayMs, ...options }: WireSubmitOptions, nowMs: number): PreparedOptions {
  const wire: WireSubmitOptions = delayMs === undefined ? options : { ...options, runAt: new Date(nowMs + delayMs) };
  const values = keptOptions().map(([name, option]) => {
    const value = wire[wireNameOf(name)] ?? unset(option);
    return [preparedNameOf(name), value instanceof Date ? value.getTime() : value];
  });
  // The type is computed from the same table.
  return Object.fromEntries(values) as PreparedOptions;
}

/** Converts the options of a prepared job to their form on the wire. */
export function fromPreparedOptions(prepared: PreparedOptions): WireSubmitOptions {
  const values = keptOptions().flatMap(([name, { is }]) => {
    const value = prepared[preparedNameOf(name)];
    if (value === null) return [];
    return [[wireNameOf(name), is === "date" ? new Date(Number(value)) : value]];
  });
  // The type is computed from the same table.
  return Object.fromEntries(values) as WireSubmitOptions;
}

/** Lists the options that prepared jobs have: all but `delay`, which becomes `runAt`. */
export function keptOptions(): (readonly [Kept, SubmitOption])[] {
  return submitOptions().flatMap(([name, option]) => (name === "delay" ? [] : [[name, option] as const]));
}

/** Returns the name of an option in a prepared job. */
export function preparedNameOf(name: Kept): keyof PreparedOptions {
  // Computes `PreparedName` at run time.
  return (SUBMIT_OPTIONS[name].is === "date" ? `${name}Ms` : wireNameOf(name)) as keyof PreparedOptions;
}

/** Returns the value that stands for an option that is not set. */
export function unset(option: SubmitOption): string | string[] | null {
  if (option.is === "tags") return [];
  return option.is === "word" ? option.unset : null;
}
