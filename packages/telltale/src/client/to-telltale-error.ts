import { type ErrorCode, isErrorCode, TelltaleError } from "../core/index.js";
import type { TelltaleErrorData } from "../core/schemas.js";

/** What a server without `telltaleErrorFormatter` still says. Everything else leaves the outcome open. */
const BY_TRPC_CODE: Readonly<Record<string, ErrorCode>> = {
  BAD_REQUEST: "invalid_input",
  PARSE_ERROR: "invalid_input",
  UNPROCESSABLE_CONTENT: "invalid_input",
  UNAUTHORIZED: "unauthorized",
  FORBIDDEN: "forbidden",
  NOT_FOUND: "not_found",
  METHOD_NOT_SUPPORTED: "invalid_config",
  CONFLICT: "unique_conflict",
  PAYLOAD_TOO_LARGE: "too_large",
  TOO_MANY_REQUESTS: "too_many",
};

const BY_HTTP_STATUS: Readonly<Record<number, ErrorCode>> = {
  400: "invalid_input",
  401: "unauthorized",
  403: "forbidden",
  404: "invalid_config",
  405: "invalid_config",
  413: "too_large",
  421: "invalid_config",
  429: "too_many",
};

/** What Node says when no connection came about, so that nothing can have been sent. A browser does not tell. */
const NEVER_CONNECTED: ReadonlySet<unknown> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
  // What ends a TLS handshake: no TLS is spoken there, or by somebody whose certificate is not taken.
  "ERR_SSL_WRONG_VERSION_NUMBER",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "CERT_HAS_EXPIRED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

/**
 * The `TelltaleError` that a failed tRPC call stands for: by the code our server sent, else by tRPC's, else by the HTTP
 * status. What names none of them (a lost connection, a crash) is `outcome_unknown`: the call may have been executed.
 */
export function toTelltaleError(cause: unknown): TelltaleError {
  if (isTelltaleError(cause)) return cause;
  const inner = field(cause, "cause");
  if (isTelltaleError(inner)) return inner;
  const data = field(cause, "data");
  const sent = readErrorData(field(data, "telltale"));
  if (sent && isErrorCode(sent.code)) return new TelltaleError(sent.code, messageOf(cause), { data: sent.data, cause });
  const why = neverConnected(cause);
  if (why !== undefined)
    return new TelltaleError("unreachable", `Nothing answers at the server's address (${why}); nothing was sent`, {
      cause,
    });
  const code = BY_TRPC_CODE[String(field(data, "code"))] ?? codeOfStatus(refusedStatus(cause));
  if (code) return new TelltaleError(code, messageOf(cause), { cause });
  return new TelltaleError(
    "outcome_unknown",
    `The call got no usable answer; it may have been executed${hint(inner)}`,
    {
      cause,
    },
  );
}

// A browser says no more than "Failed to fetch", whether there was no answer or the page was not allowed to read it.
function hint(error: unknown): string {
  const page = typeof location === "object" ? location.origin : undefined;
  if (page === undefined || !(error instanceof TypeError)) return "";
  return `. If the server is of another origin than this page, see that the \`origins\` of createGateway have ${page}`;
}

/** The code an HTTP status stands for where the body says nothing; undefined where it leaves the outcome open. */
export function codeOfStatus(status: unknown): ErrorCode | undefined {
  return typeof status === "number" ? BY_HTTP_STATUS[status] : undefined;
}

/** What our server put into an error, or null where it put nothing: the schema of the same name, without zod. */
export function readErrorData(value: unknown): TelltaleErrorData | null {
  const code = field(value, "code");
  return typeof code === "string" ? { code, data: field(value, "data") } : null;
}

// An EventSource that was refused says with which HTTP status. Before 11.25 tRPC takes its event for an answer of a server.
function refusedStatus(error: unknown): unknown {
  return field(field(error, "cause"), "code") ?? field(field(error, "shape"), "code");
}

// tRPC wraps the TypeError of fetch, which wraps what the socket said.
function neverConnected(cause: unknown): string | undefined {
  let error = cause;
  for (let depth = 0; depth < 4 && error !== undefined; depth++) {
    const code = field(error, "code");
    if (NEVER_CONNECTED.has(code)) return String(code);
    error = field(error, "cause");
  }
  return undefined;
}

function isTelltaleError(value: unknown): value is TelltaleError {
  return value instanceof Error && value.name === "TelltaleError" && isErrorCode(field(value, "code"));
}

function messageOf(cause: unknown): string | undefined {
  return cause instanceof Error && cause.message !== "" ? cause.message : undefined;
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
