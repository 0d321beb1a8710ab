import { TelltaleError } from "../../core/index.js";
import { codeOfStatus, notTrpc } from "../to-telltale-error.js";

type FetchInit = Omit<RequestInit, "signal"> & { readonly signal?: AbortSignal | null | undefined };

/**
 * A `fetch` that rejects with a `TelltaleError` for refusals that are not tRPC replies: a proxy's error page, the gateway's 413, a
 * wrong address, or a port that `fetch` blocks. Otherwise tRPC would treat these as lost replies, and the call would be repeated to
 * no avail.
 */
export async function guardedFetch(address: RequestInfo | URL, init: FetchInit = {}): Promise<Response> {
  const response = await fetch(address, { ...init, signal: init.signal ?? null }).catch((cause: unknown) => {
    throw isBlockedPort(cause) ? new TelltaleError("invalid_config", BLOCKED_PORT, { cause }) : cause;
  });
  const code = codeOfStatus(response.status) ?? (isPage(response) ? "invalid_config" : undefined);
  if (code === undefined) return response;
  const { status, headers } = response;
  const body = await response.text();
  if (isTrpcError(body)) return new Response(body, { status, headers });
  const reason = reasonIn(body);
  const message = reason === undefined ? notTrpc(status) : `The server returned ${status}: ${reason}`;
  throw new TelltaleError(code, message, { data: { status } });
}

// The gateway's own errors are `{ "error": "text" }`.
function reasonIn(body: string): string | undefined {
  try {
    const { error } = Object(JSON.parse(body));
    return typeof error === "string" ? error.slice(0, 200) : undefined;
  } catch {
    return undefined;
  }
}

const BLOCKED_PORT = "fetch blocks the port of this url (https://fetch.spec.whatwg.org/#bad-port). Use another port";

// Node only reports this message, without a code. In browsers it looks like a lost connection.
function isBlockedPort(error: unknown): boolean {
  return error instanceof Error && error.cause instanceof Error && error.cause.message === "bad port";
}

// The response is from another server or a proxy, because tRPC endpoints never send HTML.
function isPage({ ok, headers }: Response): boolean {
  return ok && /^text\/html\b/i.test(headers.get("content-type") ?? "");
}

// tRPC sends `{ error: { … } }` with every transformer.
function isTrpcError(body: string): boolean {
  try {
    const { error } = Object(JSON.parse(body));
    return typeof error === "object" && error !== null;
  } catch {
    return false;
  }
}
