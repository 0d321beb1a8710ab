/** Waits for a promise, at most `ms` and until the signal aborts; answers whether it settled. Never rejects. */
export function within(work: Promise<unknown>, ms: number, signal?: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const giveUp = (): void => settle(false);
    const timer = setTimeout(giveUp, signal?.aborted ? 0 : ms);
    signal?.addEventListener("abort", giveUp, { once: true });
    work.then(
      () => settle(true),
      () => settle(true),
    );
    function settle(didSettle: boolean): void {
      clearTimeout(timer);
      signal?.removeEventListener("abort", giveUp);
      resolve(didSettle);
    }
  });
}
