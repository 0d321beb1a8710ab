import { neverConnected } from "#web-socket";
import { type ErrorCode, isErrorCode, TelltaleError } from "../core/index.js";
import type { TelltaleErrorData } from "../core/schemas.js";

/** Used for errors of servers without `telltaleErrorFormatter`. Any other tRPC code becomes `outcome_unknown`. */
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

/**
 * Converts the error of a tRPC call to a `TelltaleError`, so that you can branch on its `code`. The code is the one that
 * `telltaleErrorFormatter` sent, or else follows from tRPC's code or the HTTP status. It is `unreachable` if no connection could be
 * opened, and `invalid_config` if the server has no such procedure. In all other cases, such as a lost connection, it is
 * `outcome_unknown`, because the call may have been executed.
 */
export function toTelltaleError(cause: unknown): TelltaleError {
  if (isTelltaleError(cause)) return cause;
  const inner = field(cause, "cause");
  if (isTelltaleError(inner)) return inner;
  // The cause of the error event of `EndingEventSource`.
  const ofEvent = field(inner, "cause");
  if (isTelltaleError(ofEvent)) return ofEvent;
  const data = field(cause, "data");
  const sent = readErrorData(field(data, "telltale"));
  if (sent && isErrorCode(sent.code)) return new TelltaleError(sent.code, messageOf(cause), { data: sent.data, cause });
  const why = neverConnected(cause);
  if (why !== undefined)
    return new TelltaleError("unreachable", `The server cannot be reached (${why}). Nothing was sent. Check the url`, {
      cause,
    });
  const setUp = setUpError(cause);
  if (setUp !== undefined) return new TelltaleError("invalid_config", setUp, { cause });
  const code = BY_TRPC_CODE[String(field(data, "code"))] ?? codeOfStatus(refusedStatus(cause));
  const message = messageOf(cause);
  if (code) return new TelltaleError(code, message === "UNAUTHORIZED" ? UNAUTHORIZED : message, { cause });
  return new TelltaleError("outcome_unknown", `The call got no usable reply and may have been executed${hint(inner)}`, {
    cause,
  });
}

/** For an error of your own procedure without a message, which is often thrown because a WebSocket has no headers. */
const UNAUTHORIZED =
  "The server did not authorize the call. Over WebSocket, `createContext` must read the token from `connectionParams`";

// tRPC's messages for calls that the app's set-up makes impossible. Nothing was executed.
function setUpError(cause: unknown): string | undefined {
  const message = messageOf(cause) ?? "";
  const [, path] = /^No (?:procedure found|"\w+"-procedure) on path "(.*)"/.exec(message) ?? [];
  if (path !== undefined)
    return `The server has no procedure ${path}. If the jobs router is mounted as appRouter.jobs, pass \`router: "jobs"\` to createClient, or trpc.jobs to createJobsClient`;
  if (message.startsWith("Unsupported POST-request to query"))
    return `${message}. Set \`allowMethodOverride: true\` in the options of the server's tRPC adapter`;
  const meta = field(cause, "meta");
  const status = field(field(meta, "response"), "status");
  const body = field(meta, "responseJSON");
  const isTrpc = typeof field(Array.isArray(body) ? body[0] : body, "error") === "object";
  return !isTrpc && (status === 404 || status === 405) ? notTrpc(status) : undefined;
}

/** The message for a response that is not from tRPC. */
export function notTrpc(status: number): string {
  return `The server returned ${status}, but not with a tRPC reply. Check the url, and that the gateway is attached to this server`;
}

function hint(error: unknown): string {
  // The links of an application's own tRPC client do not tell the status of such a response.
  if (error instanceof SyntaxError || /^Unable to transform/.test(messageOf(error) ?? ""))
    return `: ${messageOf(error)}. Check the url. Do the links use superjson, and the router Telltale's \`transformer\`?`;
  // Browsers report the same error, "Failed to fetch", for a lost reply and for a reply that CORS hides from the page.
  const page = typeof location === "object" ? location.origin : undefined;
  if (page === undefined || !(error instanceof TypeError)) return "";
  return `. If the server has another origin than this page, add ${page} to the \`origins\` of createGateway`;
}

/** Returns the code for an HTTP status, or undefined if the call may have been executed. */
export function codeOfStatus(status: unknown): ErrorCode | undefined {
  return typeof status === "number" ? BY_HTTP_STATUS[status] : undefined;
}

/** Reads what `telltaleErrorFormatter` adds to an error, or returns null. Accepts what the schema `TelltaleErrorData` accepts. */
export function readErrorData(value: unknown): TelltaleErrorData | null {
  const code = field(value, "code");
  return typeof code === "string" ? { code, data: field(value, "data") } : null;
}

// The error event of `EndingEventSource` has the HTTP status. tRPC before 11.25 treats that event as a server's reply, and puts it
// into `shape`.
function refusedStatus(error: unknown): unknown {
  return field(field(error, "cause"), "code") ?? field(field(error, "shape"), "code");
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
