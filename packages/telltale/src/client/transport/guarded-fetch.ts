import { TelltaleError } from "../../core/index.js";
import { codeOfStatus } from "../to-telltale-error.js";

type FetchInit = Omit<RequestInit, "signal"> & { readonly signal?: AbortSignal | null | undefined };

/**
 * `fetch`, which rejects with a `TelltaleError` for a refusal that no tRPC procedure wrote: a page of a proxy, the
 * gateway's own 413, a wrong address, a port that no `fetch` goes to. Read as tRPC it would be a lost answer, and tried again
 * in vain.
 */
export async function guardedFetch(address: RequestInfo | URL, init: FetchInit = {}): Promise<Response> {
  const response = await fetch(address, { ...init, signal: init.signal ?? null }).catch((cause: unknown) => {
    throw isForbiddenPort(cause) ? new TelltaleError("invalid_config", FORBIDDEN_PORT, { cause }) : cause;
  });
  const code = codeOfStatus(response.status) ?? (isPage(response) ? "invalid_config" : undefined);
  if (code === undefined) return response;
  const { status, headers } = response;
  const body = await response.text();
  if (isOfTrpc(body)) return new Response(body, { status, headers });
  const reason = reasonIn(body) ?? " with a body that no tRPC wrote";
  throw new TelltaleError(code, `The server answered ${status}${reason}`, { data: { status } });
}

// What the gateway itself answers.
function reasonIn(body: string): string | undefined {
  try {
    const { error } = Object(JSON.parse(body));
    return typeof error === "string" ? `: ${error.slice(0, 200)}` : undefined;
  } catch {
    return undefined;
  }
}

const FORBIDDEN_PORT =
  "The port of this address is one of those that fetch never uses (https://fetch.spec.whatwg.org/#bad-port)";

// Node gives it no code, only these words; in a browser it cannot be told from a lost connection.
function isForbiddenPort(error: unknown): boolean {
  return error instanceof Error && error.cause instanceof Error && error.cause.message === "bad port";
}

// Something else lives at this address, or stands before it: no server of ours ran anything and then wrote HTML.
function isPage({ ok, headers }: Response): boolean {
  return ok && /^text\/html\b/i.test(headers.get("content-type") ?? "");
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
