import { build } from "hdr-histogram-js";

/** Percentiles of times in ms, to the nearest microsecond and three digits. */
export interface Percentiles {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export class Latencies {
  readonly #histogram = build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: 600_000_000,
    numberOfSignificantValueDigits: 3,
  });

  record(ms: number): void {
    this.#histogram.recordValue(Math.max(1, Math.round(ms * 1_000)));
  }

  get percentiles(): Percentiles {
    const at = (percent: number): number => this.#histogram.getValueAtPercentile(percent) / 1_000;
    return { count: this.#histogram.totalCount, p50: at(50), p99: at(99), max: at(100) };
  }
}
