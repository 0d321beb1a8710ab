import type { InputOf, Jobs } from "../core/index.js";
import { WireSchedule, type WireScheduleInput } from "../core/schemas.js";
import { ofOpenKind, parseWire } from "./submit-input.js";

/** What `schedules.set` takes: a union by `kind`, with one of `cron`, `every` and `everyMs`. */
export type ScheduleInput<T extends Jobs> = {
  [K in keyof T & string]: Omit<WireScheduleInput, "kind" | "input"> & { kind: K; input: InputOf<T[K]> };
}[keyof T & string];

/** Parses one schedule. Throws `invalid_input`, or `unknown_kind` for a kind that is not open to callers. */
export function parseSchedule(kinds: ReadonlySet<string>, raw: unknown): WireSchedule {
  return ofOpenKind(kinds, parseWire(WireSchedule, raw));
}
