/**
 * Tells when a page may have slept or been offline, so that its connections may be dead without having been closed: it came online
 * or went offline, became visible, or returned from the back/forward cache. Never tells anything outside of pages and web workers.
 */
export class Wake {
  readonly #listeners = new Set<() => void>();

  /** Calls the listener at each of these events, until the returned function is called. Safe to call twice. */
  on(listener: () => void): () => void {
    // A new function each time, so that a listener that is registered twice is called twice.
    const told = (): void => listener();
    if (this.#listeners.size === 0) this.#toggle("addEventListener");
    this.#listeners.add(told);
    return () => {
      if (this.#listeners.delete(told) && this.#listeners.size === 0) this.#toggle("removeEventListener");
    };
  }

  // Without listeners of its own, an unused client does not keep anything in memory.
  #toggle(method: "addEventListener" | "removeEventListener"): void {
    for (const event of ["online", "offline", "pageshow"]) globalThis[method]?.(event, this.#tell);
    if (typeof document === "undefined") return;
    for (const event of ["visibilitychange", "resume"]) document[method]?.(event, this.#tell);
  }

  readonly #tell = (event: Event): void => {
    if (event.type === "visibilitychange" && document.visibilityState === "hidden") return;
    for (const listener of [...this.#listeners]) listener();
  };
}
