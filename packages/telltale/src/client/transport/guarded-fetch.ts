import { TelltaleError } from "../../core/index.js";
import { codeOfStatus } from "../to-telltale-error.js";

type FetchInit = Omit<RequestInit, "signal"> & { readonly signal?: AbortSignal | null | undefined };

/**
 * A `fetch` that rejects with a `TelltaleError` for refusals that are not tRPC replies: a proxy's error page, the gateway's 413, a
 * wrong address, a port that `fetch` refuses. tRPC would treat these as lost replies, and the call would be repeated in vain.
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

// The gateway's own responses.
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

// Node has no code for it, only this message. In browsers it looks like a lost connection.
function isForbiddenPort(error: unknown): boolean {
  return error instanceof Error && error.cause instanceof Error && error.cause.message === "bad port";
}

// A different server or a proxy responded. Our servers never respond with HTML.
function isPage({ ok, headers }: Response): boolean {
  return ok && /^text\/html\b/i.test(headers.get("content-type") ?? "");
}

// An error of tRPC is `{ error: { … } }` with any transformer.
function isOfTrpc(body: string): boolean {
  try {
    const { error } = Object(JSON.parse(body));
    return typeof error === "object" && error !== null;
  } catch {
    return false;
  }
}
