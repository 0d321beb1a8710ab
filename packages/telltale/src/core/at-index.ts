import { TelltaleError } from "./errors/error.js";

/** Adds the `index` of an item to the message and `data` of its error. Errors that are not a `TelltaleError` are unchanged. */
export function atIndex(index: number, error: unknown): unknown {
  if (!(error instanceof TelltaleError)) return error;
  const { code, message, data, cause } = error;
  return new TelltaleError(code, `Item ${index}: ${message}`, { data: { ...Object(data), index }, cause });
}
