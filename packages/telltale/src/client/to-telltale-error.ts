import { type ErrorCode, isErrorCode, TelltaleError } from "../core/index.js";
import type { TelltaleErrorData } from "../core/schemas.js";

/** The codes for errors of servers without `telltaleErrorFormatter`. All others leave the outcome unknown. */
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

/** Node's error codes for connections that could not be opened, so that nothing was sent. Browsers do not report this. */
const NEVER_CONNECTED: ReadonlySet<unknown> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
  // Failed TLS handshakes: the server does not speak TLS, or its certificate is not accepted.
  "ERR_SSL_WRONG_VERSION_NUMBER",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "CERT_HAS_EXPIRED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

/**
 * Converts the error of a tRPC call to a `TelltaleError`: by the code that our server sent, or else by tRPC's code, or else by the
 * HTTP status. Without any of them (a lost connection, a crash) it is `outcome_unknown`, because the call may have been executed.
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
    return new TelltaleError("unreachable", `The server cannot be reached (${why}). Nothing was sent`, {
      cause,
    });
  const code = BY_TRPC_CODE[String(field(data, "code"))] ?? codeOfStatus(refusedStatus(cause));
  if (code) return new TelltaleError(code, messageOf(cause), { cause });
  return new TelltaleError(
    "outcome_unknown",
    `The call got no usable reply, and may have been executed${hint(inner)}`,
    {
      cause,
    },
  );
}

// Browsers only say "Failed to fetch", both if there was no reply and if the page may not read it.
function hint(error: unknown): string {
  const page = typeof location === "object" ? location.origin : undefined;
  if (page === undefined || !(error instanceof TypeError)) return "";
  return `. If the server is of another origin than this page, see that the \`origins\` of createGateway have ${page}`;
}

/** The code for an HTTP status whose body does not explain it; undefined if the status leaves the outcome unknown. */
export function codeOfStatus(status: unknown): ErrorCode | undefined {
  return typeof status === "number" ? BY_HTTP_STATUS[status] : undefined;
}

/** Reads what our server puts into an error, or returns null if there is nothing. The schema of this name, without zod. */
export function readErrorData(value: unknown): TelltaleErrorData | null {
  const code = field(value, "code");
  return typeof code === "string" ? { code, data: field(value, "data") } : null;
}

// A refused EventSource reports the HTTP status. Before 11.25, tRPC mistakes its event for a reply of a server.
function refusedStatus(error: unknown): unknown {
  return field(field(error, "cause"), "code") ?? field(field(error, "shape"), "code");
}

// tRPC wraps the TypeError of fetch, which wraps the error of the socket.
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
