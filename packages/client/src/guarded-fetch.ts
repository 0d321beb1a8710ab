import { TelltaleError } from "@telltale/core";
import { codeOfStatus } from "./to-telltale-error.js";

type FetchInit = Omit<RequestInit, "signal"> & { readonly signal?: AbortSignal | null | undefined };

/**
 * `fetch`, which rejects with a `TelltaleError` for a refusal that no tRPC server wrote: a page of a proxy, a wrong address.
 * Read as JSON it would be a lost answer, and tried again in vain.
 */
export async function guardedFetch(address: RequestInfo | URL, init: FetchInit = {}): Promise<Response> {
  const response = await fetch(address, { ...init, signal: init.signal ?? null });
  const code = codeOfStatus(response.status);
  if (code === undefined || response.headers.get("content-type")?.startsWith("application/json")) return response;
  await response.body?.cancel();
  throw new TelltaleError(code, `The server answered ${response.status} with a body that no tRPC wrote`);
}
