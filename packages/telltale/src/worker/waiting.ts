import { onAbort } from "../core/internal.js";
/** Varies a duration by ±20 %, so that workers that started or lost their connection together do not act together. */
export function jittered(ms: number): number {
  return ms * (0.8 + Math.random() * 0.4);
}

/** The delay before the next try after `failures` failures, in ms: 50, doubling, at most 1 s, and varied by ±20 %. */
export function repeatDelayMs(failures: number): number {
  return jittered(Math.min(50 * 2 ** Math.min(failures, 10), 1_000));
}

/** Waits for `ms` or until the signal aborts. Never rejects. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const timer = setTimeout(done, ms);
    const forget = onAbort(signal, done);
    function done(): void {
      clearTimeout(timer);
      forget();
      resolve();
    }
  });
}

/**
 * Waits until a promise settles, `ms` have passed or the signal aborts. Resolves to whether it settled. Never rejects.
 */
export function within(work: Promise<unknown>, ms: number, signal?: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const giveUp = (): void => settle(false);
    const timer = setTimeout(giveUp, signal?.aborted ? 0 : ms);
    const forget = onAbort(signal, giveUp);
    work.then(
      () => settle(true),
      () => settle(true),
    );
    function settle(didSettle: boolean): void {
      clearTimeout(timer);
      forget();
      resolve(didSettle);
    }
  });
}
