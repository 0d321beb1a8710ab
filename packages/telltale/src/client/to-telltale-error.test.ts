import { TRPCClientError } from "@trpc/client";
import fc from "fast-check";
import { TelltaleError } from "telltale";
import { expect, test } from "vitest";
import { TelltaleErrorData } from "../core/schemas.js";
import { readErrorData, toTelltaleError } from "./to-telltale-error.js";

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

test.each(["ECONNREFUSED", "UND_ERR_CONNECT_TIMEOUT", "ERR_SSL_WRONG_VERSION_NUMBER", "CERT_HAS_EXPIRED"])(
  "a connection that could not be opened (%s) is reported as unreachable",
  (code) => {
    const socket = Object.assign(new Error("what the socket said"), { code });
    const cause = TRPCClientError.from(new TypeError("fetch failed", { cause: socket }));

    expect(toTelltaleError(cause)).toMatchObject({ code: "unreachable", message: expect.stringContaining(code) });
  },
);

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
