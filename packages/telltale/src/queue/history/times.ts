import type { HistoryTimes } from "../../core/index.js";

/**
 * Estimates percentiles from numbers of times by bucket. The bounds of the buckets grow like those of an HdrHistogram
 * (https://github.com/HdrHistogram/HdrHistogram): each power of two is divided evenly, here in two. Within a bucket, times are assumed to
 * be spread evenly, as Prometheus does (https://prometheus.io/docs/practices/histograms/). A bucket is at most half as wide as its lower
 * bound, so an estimate is less than 50 % above the true percentile, and less than 34 % below it.
 */
export function timesOf(counts: ReadonlyMap<number, number>): HistoryTimes {
  const buckets = [...counts].sort(([a], [b]) => a - b);
  const count = buckets.reduce((sum, [, n]) => sum + n, 0);
  return {
    count,
    p50: percentile(buckets, count * 0.5),
    p90: percentile(buckets, count * 0.9),
    p99: percentile(buckets, count * 0.99),
    histogram: buckets.map(([bucket, n]) => [lowerMs(bucket), n]),
  };
}

function percentile(buckets: readonly (readonly [number, number])[], rank: number): number | null {
  let below = 0;
  for (const [bucket, n] of buckets) {
    if (below + n >= rank) {
      const from = lowerMs(bucket);
      return Math.round(from + (upperMs(bucket) - from) * ((rank - below) / n));
    }
    below += n;
  }
  return null;
}

const LAST = 54;

// Bucket 0 has the times below 1 ms. The buckets 2e - 1 and 2e begin at 2^(e-1) and 1.5 * 2^(e-1) ms; see lib/history.lua.
function lowerMs(bucket: number): number {
  if (bucket === 0) return 0;
  return bucket % 2 === 1 ? 2 ** ((bucket - 1) / 2) : 1.5 * 2 ** (bucket / 2 - 1);
}

// Times are whole ms, so the upper bound itself is in the next bucket. Nothing is known of the last one's.
function upperMs(bucket: number): number {
  return bucket >= LAST ? lowerMs(LAST) : Math.max(lowerMs(bucket), lowerMs(bucket + 1) - 1);
}
