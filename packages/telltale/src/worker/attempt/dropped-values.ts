import { hasCode, type Logger } from "../../core/index.js";
import { firstLine } from "../../queue/index.js";

/** The kinds of values that a handler reports while it runs. */
export type Reported = "progress" | "chunk";

/** A value that was dropped. */
export interface DroppedValue {
  readonly what: Reported;
  readonly kind: string;
  /** Whether the contract declares a schema for such values. */
  readonly isDeclared: boolean;
  readonly error: unknown;
  /** Whether to log the error's paths. They can contain keys of records, which are part of the payload. */
  readonly withPaths: boolean;
}

const UNDECLARED = {
  progress: "progress dropped: its kind declares none; add a `progress` schema to the contract",
  chunk: "chunk dropped: its kind declares none; add a `chunk` schema to the contract",
} as const satisfies Record<Reported, string>;

const UNFIT = {
  progress: "progress dropped: it does not fit the `progress` schema of its contract; told once for each kind",
  chunk: "chunk dropped: it does not fit the `chunk` schema of its contract; told once for each kind",
} as const satisfies Record<Reported, string>;

const TOO_LARGE = {
  progress: "progress dropped: it is too large; told once for each kind",
  chunk: "chunk dropped: it is too large; send it in smaller pieces; told once for each kind",
} as const satisfies Record<Reported, string>;

/** Logs which progress reports and chunks were dropped and why, once per kind, because a handler may report often. */
export class DroppedValues {
  readonly #told = new Set<string>();

  tell(logger: Logger, { what, kind, isDeclared, error, withPaths }: DroppedValue): void {
    const key = `${what} ${kind}`;
    if (this.#told.has(key)) return;
    this.#told.add(key);
    logger.warn(isDeclared && withPaths ? { error: firstLine(error) } : {}, reason());

    function reason(): string {
      if (!isDeclared) return UNDECLARED[what];
      return (hasCode(error, "too_large") ? TOO_LARGE : UNFIT)[what];
    }
  }
}
