/** Node's error codes for connections that could not be opened, which means that nothing was sent. */
const CODES: ReadonlySet<unknown> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
  // Failed TLS handshakes: the server does not use TLS, or its certificate is not accepted.
  "ERR_SSL_WRONG_VERSION_NUMBER",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "CERT_HAS_EXPIRED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

/** tRPC wraps the TypeError of fetch, which wraps the socket's error. */
const MOST_CAUSES = 4;

/** Returns the code of an error, or of one of its causes, that says that no connection could be opened. Undefined if none does. */
export function neverConnected(cause: unknown): string | undefined {
  let error: unknown = cause;
  for (let depth = 0; depth < MOST_CAUSES && error !== undefined; depth++) {
    const { code, cause: next }: { code?: unknown; cause?: unknown } = Object(error);
    if (CODES.has(code)) return String(code);
    error = next;
  }
  return undefined;
}
