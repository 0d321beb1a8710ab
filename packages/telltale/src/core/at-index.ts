import { TelltaleError } from "./errors/error.js";

/** Returns the error of one item of many, with the item's `index` in its message and `data`. */
export function atIndex(index: number, error: unknown): unknown {
  if (!(error instanceof TelltaleError)) return error;
  const { code, message, data, cause } = error;
  return new TelltaleError(code, `Item ${index}: ${message}`, { data: { ...Object(data), index }, cause });
}
