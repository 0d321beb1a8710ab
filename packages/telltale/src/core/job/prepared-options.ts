import {
  SUBMIT_OPTIONS,
  type SubmitOption,
  type SubmitOptionName,
  submitOptions,
  type WireSubmitOptions,
  wireNameOf,
} from "./submit-options.js";

/**
 * What the submitter said of a prepared job. Null is what was not said; times are ms, those of a date since 1970, and a delay was added
 * to the time at which the job was prepared.
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

/** Options as a prepared job keeps them. `nowMs`: what a delay counts from. */
export function toPreparedOptions({ delayMs, ...options }: WireSubmitOptions, nowMs: number): PreparedOptions {
  const wire: WireSubmitOptions = delayMs === undefined ? options : { ...options, runAt: new Date(nowMs + delayMs) };
  const values = keptOptions().map(([name, option]) => {
    const value = wire[wireNameOf(name)] ?? unset(option);
    return [preparedNameOf(name), value instanceof Date ? value.getTime() : value];
  });
  // Made from the table that the type is made of.
  return Object.fromEntries(values) as PreparedOptions;
}

/** What a prepared job keeps as options again. */
export function fromPreparedOptions(prepared: PreparedOptions): WireSubmitOptions {
  const values = keptOptions().flatMap(([name, { is }]) => {
    const value = prepared[preparedNameOf(name)];
    if (value === null) return [];
    return [[wireNameOf(name), is === "date" ? new Date(Number(value)) : value]];
  });
  // As above.
  return Object.fromEntries(values) as WireSubmitOptions;
}

/** The options that a prepared job keeps. */
export function keptOptions(): (readonly [Kept, SubmitOption])[] {
  return submitOptions().flatMap(([name, option]) => (name === "delay" ? [] : [[name, option] as const]));
}

/** Their names there. */
export function preparedNameOf(name: Kept): keyof PreparedOptions {
  // `PreparedName`, of a name that is only known at run time.
  return (SUBMIT_OPTIONS[name].is === "date" ? `${name}Ms` : wireNameOf(name)) as keyof PreparedOptions;
}

/** What is kept where an option was not set. */
export function unset(option: SubmitOption): string | string[] | null {
  if (option.is === "tags") return [];
  return option.is === "word" ? option.unset : null;
}
