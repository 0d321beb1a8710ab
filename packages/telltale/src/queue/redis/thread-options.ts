import { TelltaleError } from "../../core/index.js";
import type { ConnectionOptions } from "./connection-options.js";

/** What to use instead of an option that cannot be passed to a thread. */
const INSTEAD: Readonly<Record<string, string>> = {
  checkServerIdentity: "Set tls.servername to the name in the server's certificate instead",
  secureContext: "Pass ca, cert and key instead",
  natMap: "Pass natMap as an object instead",
};

/**
 * Throws `invalid_config` if an option cannot be copied into a thread, such as a function. A worker extends its leases from a thread,
 * so that they do not expire while a handler blocks the event loop. Without that thread, such a job would run twice.
 */
export function assertThreadOptions(options: ConnectionOptions): void {
  const found = findUncopyable(options, "", new Set());
  if (found === null) return;
  const last = found.slice(found.lastIndexOf(".") + 1);
  const remedy = INSTEAD[last] ?? "Use only options that can be copied, such as text, numbers and Buffers";
  throw new TelltaleError(
    "invalid_config",
    `The ioredis option ${found} cannot be copied into the thread in which a worker extends its leases. ${remedy}`,
  );
}

/** Returns the path of the first value that cannot be copied, or null. */
function findUncopyable(value: unknown, path: string, seen: Set<object>): string | null {
  if (typeof value === "function" || typeof value === "symbol") return path;
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value) || value instanceof ArrayBuffer)
    return null;
  if (seen.has(value)) return null;
  seen.add(value);
  // The copy of any other object would lack what its class keeps outside of its properties.
  if (!Array.isArray(value) && !isPlain(value)) return path;
  for (const [name, inner] of Object.entries(value)) {
    const found = findUncopyable(inner, path === "" ? name : `${path}.${name}`, seen);
    if (found !== null) return found;
  }
  return null;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
