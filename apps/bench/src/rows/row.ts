import type { LocalRedis } from "@telltale/local-redis";
import type { TestRedisOptions } from "@telltale/testkit";
import type { Contender } from "../contenders/contender.js";

export type Unit = "per s" | "ms" | "bytes" | "µs" | "KB" | "commands" | "requests per s" | "watchers" | "ratio";

/** What a figure must reach: so many times another contender's in the same run, or a number. */
export type Bound = { readonly factor: number; readonly of: Contender } | { readonly limit: number };

/** One line of the table. */
export interface Figure {
  readonly name: string;
  readonly title: string;
  readonly unit: Unit;
  readonly better: "higher" | "lower";
  /** All of these must hold. */
  readonly required?: readonly Bound[];
  readonly stretch?: readonly Bound[];
  /** Whether its ratios differ too much from run to run for `--check`. @default false */
  readonly isNoisy?: boolean;
}

/** What a row is given to measure with. */
export interface Run {
  readonly isQuick: boolean;
  /** Rounds that count. Each row also has a warm-up. */
  readonly rounds: number;
  /** Starts a Redis of this row's own. The row stops it. */
  redis(options?: TestRedisOptions): Promise<LocalRedis>;
  /** Adds what one round gave. */
  record(figure: Figure, contender: Contender, value: number): void;
  /** Adds a sentence under the table: something a reader must know about the figures of this run. */
  note(text: string): void;
  progress(text: string): void;
}

/** What is measured together. `--only` takes its name. */
export interface Row {
  readonly name: string;
  /** One sentence for `--list`. */
  readonly says: string;
  /** How it is measured, for the page. */
  readonly method: string;
  readonly figures: readonly Figure[];
  measure(run: Run): Promise<void>;
}
