import { AsyncLocalStorage } from "node:async_hooks";

/** The name under which the lease thread's debugger finds what is below; it can evaluate, but not import. */
export const CURRENT_ATTEMPT = "telltale.currentAttempt";

const STORAGE = Symbol.for("telltale.currentAttemptStorage");

// Module state, because a global name is: which attempt the code that runs at this moment belongs to. Two copies of this
// package in one process share it; otherwise the second would hide the attempts of the first.
const shared: unknown = Reflect.get(globalThis, STORAGE);
// Nobody else has a value under this name.
const current =
  shared instanceof AsyncLocalStorage ? (shared as AsyncLocalStorage<string>) : new AsyncLocalStorage<string>();
Object.defineProperty(globalThis, STORAGE, { value: current, configurable: true });
Object.defineProperty(globalThis, Symbol.for(CURRENT_ATTEMPT), { value: () => current.getStore(), configurable: true });

/** Runs a handler so that whatever it starts can be told to be its own; `leaseKey` names the attempt. */
export function runAs<T>(leaseKey: string, handler: () => T): T {
  return current.run(leaseKey, handler);
}
