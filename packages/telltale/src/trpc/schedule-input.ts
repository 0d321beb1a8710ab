import type { InputOf, Jobs } from "../core/index.js";
import { WireSchedule, type WireScheduleInput } from "../core/schemas.js";
import { ofOpenKind, parseWire } from "./submit-input.js";

/** The input of `schedules.set`: a union by `kind`. Set exactly one of `cron`, `every` and `everyMs`. */
export type ScheduleInput<T extends Jobs> = {
  [K in keyof T & string]: Omit<WireScheduleInput, "kind" | "input"> & { kind: K; input: InputOf<T[K]> };
}[keyof T & string];

/** Parses a schedule. Throws `invalid_input`, or `unknown_kind` for a kind that callers may not submit. */
export function parseSchedule(kinds: ReadonlySet<string>, raw: unknown): WireSchedule {
  return ofOpenKind(kinds, parseWire(WireSchedule, raw));
}
