import { hasCode, type Logger } from "../../core/index.js";
import { firstLine } from "../../queue/index.js";

/** What a handler reports while it runs. */
export type Reported = "progress" | "chunk";

/** A value that was dropped. */
export interface DroppedValue {
  readonly what: Reported;
  readonly kind: string;
  /** Whether the contract declares such values at all. */
  readonly isDeclared: boolean;
  readonly error: unknown;
  /** Whether the error's paths may be told: a key of a record is part of a payload. */
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

/** Says which reports of handlers were dropped and why, once for each kind of a worker: a handler reports many a second. */
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
