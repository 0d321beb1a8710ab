import { AsyncLocalStorage } from "node:async_hooks";

/** The global name by which the lease thread's debugger finds the function below, because it cannot import modules. */
export const CURRENT_ATTEMPT = "telltale.currentAttempt";

const STORAGE = Symbol.for("telltale.currentAttemptStorage");

// The attempt that the running code belongs to. This is global state, shared by all copies of this package in the
// process; otherwise the second copy would hide the attempts of the first.
const shared: unknown = Reflect.get(globalThis, STORAGE);
// The name is only used by Telltale, so the type is known.
const current =
  shared instanceof AsyncLocalStorage ? (shared as AsyncLocalStorage<string>) : new AsyncLocalStorage<string>();
Object.defineProperty(globalThis, STORAGE, { value: current, configurable: true });
Object.defineProperty(globalThis, Symbol.for(CURRENT_ATTEMPT), { value: () => current.getStore(), configurable: true });

/** The `leaseKey` of the attempt that the running code belongs to, or undefined outside of handlers. */
export function currentAttempt(): string | undefined {
  return current.getStore();
}

/** Runs a handler so that all code it starts can be traced to its attempt, which `leaseKey` identifies. */
export function runAs<T>(leaseKey: string, handler: () => T): T {
  return current.run(leaseKey, handler);
}
