import { TelltaleError } from "@telltale/core";
import { codeOfStatus } from "./to-telltale-error.js";

type FetchInit = Omit<RequestInit, "signal"> & { readonly signal?: AbortSignal | null | undefined };

/**
 * `fetch`, which rejects with a `TelltaleError` for a refusal that no tRPC procedure wrote: a page of a proxy, the
 * gateway's own 413, a wrong address. Read as tRPC it would be a lost answer, and tried again in vain.
 */
export async function guardedFetch(address: RequestInfo | URL, init: FetchInit = {}): Promise<Response> {
  const response = await fetch(address, { ...init, signal: init.signal ?? null });
  const code = codeOfStatus(response.status);
  if (code === undefined) return response;
  const { status, headers } = response;
  const body = await response.text();
  if (isOfTrpc(body)) return new Response(body, { status, headers });
  throw new TelltaleError(code, `The server answered ${status} with a body that no tRPC wrote`);
}

// tRPC's is `{ error: { … } }`, whatever its transformer makes of the inside.
function isOfTrpc(body: string): boolean {
  try {
    const { error } = Object(JSON.parse(body));
    return typeof error === "object" && error !== null;
  } catch {
    return false;
  }
}
