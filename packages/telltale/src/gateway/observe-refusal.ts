import type { Observe } from "../core/internal.js";

/** Emits an event for a call that the gateway refused before any procedure ran. */
export function observeRefusal(observe: Observe | undefined, transport: "http" | "ws", status: number): void {
  observe?.({ type: "call.refused", by: "gateway", transport, path: null, subject: null, code: null, status });
}
