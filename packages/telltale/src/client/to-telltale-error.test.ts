import { TRPCClientError } from "@trpc/client";
import fc from "fast-check";
import { TelltaleError } from "telltale";
import { afterEach, expect, test, vi } from "vitest";
import { TelltaleErrorData } from "../core/schemas.js";
import { codeOfStatus, notTrpc, readErrorData, toTelltaleError } from "./to-telltale-error.js";

function answered(data: object): TRPCClientError<never> {
  return TRPCClientError.from({ error: { code: -32600, message: "What the server said", data } });
}

test("an error of our server keeps its code, message and data", () => {
  const error = toTelltaleError(answered({ code: "CONFLICT", telltale: { code: "lease_lost", data: { n: 1 } } }));

  expect(error).toMatchObject({
    name: "TelltaleError",
    code: "lease_lost",
    message: "What the server said",
    data: { n: 1 },
  });
});

test.each([
  ["NOT_FOUND", "not_found"],
  ["BAD_REQUEST", "invalid_input"],
  ["UNAUTHORIZED", "unauthorized"],
  ["FORBIDDEN", "forbidden"],
  ["PAYLOAD_TOO_LARGE", "too_large"],
  ["TOO_MANY_REQUESTS", "too_many"],
  ["PARSE_ERROR", "invalid_input"],
  ["UNPROCESSABLE_CONTENT", "invalid_input"],
  ["METHOD_NOT_SUPPORTED", "invalid_config"],
  ["CONFLICT", "unique_conflict"],
  ["INTERNAL_SERVER_ERROR", "outcome_unknown"],
  ["A_NEW_CODE", "outcome_unknown"],
])("tRPC's %s without a code from Telltale becomes %s", (trpc, code) => {
  expect(toTelltaleError(answered({ code: trpc }))).toMatchObject({ code });
});

test("an unknown Telltale code falls back to tRPC's code", () => {
  expect(toTelltaleError(answered({ code: "FORBIDDEN", telltale: { code: "brand_new" } }))).toMatchObject({
    code: "forbidden",
  });
});

test("a lost connection leaves the outcome unknown", () => {
  const cause = TRPCClientError.from(new TypeError("fetch failed"));

  expect(toTelltaleError(cause)).toMatchObject({ code: "outcome_unknown", cause });
});

test.each([
  ...["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH", "UND_ERR_CONNECT_TIMEOUT"],
  ...[
    "ERR_SSL_WRONG_VERSION_NUMBER",
    "ERR_TLS_CERT_ALTNAME_INVALID",
    "CERT_HAS_EXPIRED",
    "DEPTH_ZERO_SELF_SIGNED_CERT",
  ],
  ...["SELF_SIGNED_CERT_IN_CHAIN", "UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "UNABLE_TO_VERIFY_LEAF_SIGNATURE"],
])("a connection that could not be opened (%s) is reported as unreachable", (code) => {
  const socket = Object.assign(new Error("what the socket said"), { code });
  const cause = TRPCClientError.from(new TypeError("fetch failed", { cause: socket }));

  expect(toTelltaleError(cause)).toMatchObject({ code: "unreachable", message: expect.stringContaining(code) });
});

test.each(["ECONNRESET", "EPIPE", "ETIMEDOUT", "UND_ERR_SOCKET", "UND_ERR_HEADERS_TIMEOUT"])(
  "a connection that broke after it was opened (%s) leaves the outcome unknown, because the call may have been executed",
  (code) => {
    const socket = Object.assign(new Error("what the socket said"), { code });
    const cause = TRPCClientError.from(new TypeError("fetch failed", { cause: socket }));

    expect(toTelltaleError(cause)).toMatchObject({ code: "outcome_unknown" });
  },
);

test("a TelltaleError passes through tRPC unchanged", () => {
  const error = new TelltaleError("unauthorized");

  expect(toTelltaleError(TRPCClientError.from(error))).toBe(error);
  expect(toTelltaleError(error)).toBe(error);
});

test("the error data of a server is read as its zod schema reads it", () => {
  const code = fc.oneof(fc.constantFrom("not_found", "brand_new", ""), fc.anything());
  const sent = fc.oneof(
    fc.record({ code, data: fc.anything(), more: fc.anything() }, { requiredKeys: [] }),
    fc.anything(),
  );

  fc.assert(
    fc.property(sent, (value) => {
      const { data = null } = TelltaleErrorData.safeParse(value);

      expect(readErrorData(value)).toEqual(data);
    }),
  );
});

afterEach(() => {
  vi.unstubAllGlobals();
});

test.each([
  [400, "invalid_input"],
  [401, "unauthorized"],
  [403, "forbidden"],
  [404, "invalid_config"],
  [405, "invalid_config"],
  [413, "too_large"],
  [421, "invalid_config"],
  [429, "too_many"],
  [500, undefined],
  [502, undefined],
  [503, undefined],
  ["400", undefined],
])("a refusal with HTTP status %s means %s", (status, code) => {
  expect(codeOfStatus(status)).toBe(code);
});

test("the status of a refused event stream decides, in every version of tRPC", () => {
  const now = new TRPCClientError("refused", { cause: Object.assign(new Error("refused"), { code: 429 }) });
  const before11_25 = Object.assign(new TRPCClientError("refused"), { shape: { code: 403 } });

  expect(toTelltaleError(now)).toMatchObject({ code: "too_many", message: "refused", cause: now });
  expect(toTelltaleError(before11_25)).toMatchObject({ code: "forbidden" });
});

test.each([
  ['No procedure found on path "jobs.submit"', /has no procedure jobs\.submit\. .*pass `router: "jobs"`/],
  ['No "query"-procedure on path "get"', /has no procedure get\. /],
  ["Unsupported POST-request to query procedure at path get", /Set `allowMethodOverride: true`/],
])("an error of the set-up (%s) is invalid_config, and says what to do", (said, message) => {
  expect(toTelltaleError(new TRPCClientError(said))).toMatchObject({
    code: "invalid_config",
    message: expect.stringMatching(message),
  });
});

test("a message that only contains such a text is not an error of the set-up", () => {
  const error = new TRPCClientError('He said: No procedure found on path "x"');

  expect(toTelltaleError(error)).toMatchObject({ code: "outcome_unknown" });
});

/** An error with the response that tRPC's HTTP link adds. */
function refusedWith(status: number, responseJSON: unknown): Error {
  return Object.assign(new TRPCClientError("refused"), { meta: { response: { status }, responseJSON } });
}

test.each([404, 405])("a response %d of another server means that the url is wrong", (status) => {
  for (const body of [undefined, { message: "no such page" }, { error: "Not Found" }, []]) {
    expect(toTelltaleError(refusedWith(status, body))).toMatchObject({
      code: "invalid_config",
      message: notTrpc(status),
    });
  }
  expect(notTrpc(status)).toContain(`returned ${status}, but not with a tRPC reply`);
});

test("a response 404 of tRPC, or another status, does not mean that the url is wrong", () => {
  for (const error of [refusedWith(404, { error: {} }), refusedWith(404, [{ error: {} }]), refusedWith(500, {})]) {
    expect(toTelltaleError(error)).toMatchObject({ code: "outcome_unknown" });
  }
});

test("an error without a message from your own procedure mentions connectionParams, because a WebSocket has no headers", () => {
  const silent = TRPCClientError.from({
    error: { code: -32001, message: "UNAUTHORIZED", data: { code: "UNAUTHORIZED" } },
  });
  const spoken = TRPCClientError.from({ error: { code: -32001, message: "Log in", data: { code: "UNAUTHORIZED" } } });

  expect(toTelltaleError(silent)).toMatchObject({
    code: "unauthorized",
    message: expect.stringContaining("`connectionParams`"),
  });
  expect(toTelltaleError(spoken)).toMatchObject({ code: "unauthorized", message: "Log in" });
});

test("an error that tRPC could not read mentions the transformer, with its outcome unknown", () => {
  const unreadable = [
    new TRPCClientError("failed", { cause: new SyntaxError("Unexpected token <") }),
    new TRPCClientError("failed", { cause: new Error("Unable to transform response from server") }),
  ];

  for (const error of unreadable) {
    expect(toTelltaleError(error)).toMatchObject({
      code: "outcome_unknown",
      message: expect.stringMatching(/(Unexpected token <|Unable to transform).*Do the links use superjson/),
    });
  }
});

test("on a page, an error that CORS may have hidden mentions the gateway's origins, and no other error does", () => {
  const failed = new TRPCClientError("failed", { cause: new TypeError("Failed to fetch") });
  const broken = new TRPCClientError("failed", { cause: new Error("broken") });
  const plain = "The call got no usable reply and may have been executed";
  expect(toTelltaleError(failed).message).toBe(plain);

  vi.stubGlobal("location", { origin: "https://app.example" });

  expect(toTelltaleError(failed).message).toBe(
    `${plain}. If the server has another origin than this page, add https://app.example to the \`origins\` of createGateway`,
  );
  expect(toTelltaleError(broken).message).toBe(plain);
});

test("an error of another copy of the package counts as ours, and one that only has its name does not", () => {
  const other = Object.assign(new Error("no"), { name: "TelltaleError", code: "forbidden" });
  const pretender = Object.assign(new Error("no"), { name: "TelltaleError", code: "brand_new" });
  const object = { name: "TelltaleError", code: "forbidden" };

  expect(toTelltaleError(other)).toBe(other);
  expect(toTelltaleError({ cause: other })).toBe(other);
  for (const cause of [pretender, object, Object.assign(new Error("no"), { code: "forbidden" })]) {
    expect(toTelltaleError(cause)).toMatchObject({ code: "outcome_unknown" });
  }
});

test.each([undefined, null, "text", 5])("whatever else is thrown (%s) leaves the outcome unknown", (cause) => {
  expect(toTelltaleError(cause)).toMatchObject({ code: "outcome_unknown", cause });
});

test("an error without a message gets that of its code", () => {
  expect(toTelltaleError(Object.assign(new Error(), { data: { code: "FORBIDDEN" } }))).toMatchObject({
    code: "forbidden",
    message: new TelltaleError("forbidden").message,
  });
});

test("an error of ours that an event stream wrapped twice is found", () => {
  const ours = new TelltaleError("unauthorized");
  const event = Object.assign(new Event("error"), { cause: ours });

  expect(toTelltaleError({ cause: event })).toBe(ours);
});

test("the reason for an unreachable server is found a few causes deep, and causes that form a circle do no harm", () => {
  const refused = Object.assign(new Error("refused"), { code: "ECONNREFUSED" });
  const wrapped = (times: number): Error =>
    Array.from({ length: times }).reduce<Error>((cause) => new Error("failed", { cause }), refused);
  const circle = new Error("failed");
  circle.cause = circle;

  expect(toTelltaleError(wrapped(3)).code).toBe("unreachable");
  expect(toTelltaleError(wrapped(4)).code).toBe("outcome_unknown");
  expect(toTelltaleError(circle).code).toBe("outcome_unknown");
});

test("the original error is kept as the cause", () => {
  const refused = Object.assign(new Error("refused"), { code: "ECONNREFUSED" });
  const noProcedure = new TRPCClientError('No procedure found on path "x"');

  for (const cause of [refused, noProcedure]) expect(toTelltaleError(cause).cause).toBe(cause);
});
