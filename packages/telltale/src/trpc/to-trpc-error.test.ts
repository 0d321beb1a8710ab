import { TRPCError } from "@trpc/server";
import { expect, test } from "vitest";
import { ERROR_CODES, type ErrorCode, isErrorCode, TelltaleError } from "../core/index.js";
import { TRPC_CODES } from "../core/internal.js";
import { answering, isServerError, toCallError, toTRPCError } from "./to-trpc-error.js";

const SECRET = "connect ECONNREFUSED redis.internal:6379";
const CODES: readonly ErrorCode[] = Object.keys(ERROR_CODES).filter(isErrorCode);
const SERVER_ERRORS = CODES.filter((code) => isServerError(TRPC_CODES[code]));

test("callers never see what Redis or a driver said: errors of the server have fixed messages", () => {
  expect(SERVER_ERRORS).toEqual(expect.arrayContaining(["redis_unavailable", "outcome_unknown", "redis_full"]));
});

test.each(SERVER_ERRORS)("the message of %s does not reach callers, because it may contain Redis's address", (code) => {
  const error = new TelltaleError(code, SECRET);

  expect(toTRPCError(error)).toMatchObject({ code: TRPC_CODES[code], message: ERROR_CODES[code].meaning });
  expect(toCallError(error)).toEqual({ code, message: ERROR_CODES[code].meaning });
});

test("the message and the data of an error that the caller can fix reach the caller", () => {
  const error = new TelltaleError("invalid_input", "width must be a number", { data: { issues: [] } });

  expect(toTRPCError(error)).toMatchObject({ code: "BAD_REQUEST", message: "width must be a number", cause: error });
  expect(toCallError(error)).toEqual({
    code: "invalid_input",
    message: "width must be a number",
    data: { issues: [] },
  });
});

test("an unexpected error becomes an internal one without its message", () => {
  expect(toTRPCError(new Error(SECRET))).toMatchObject({ code: "INTERNAL_SERVER_ERROR", message: "Internal error" });
});

test("an error of the application's own procedure stays as it is", async () => {
  const own = new TRPCError({ code: "CONFLICT", message: "mine" });

  expect(toTRPCError(own)).toBe(own);
  await expect(answering(() => Promise.reject(own))).rejects.toBe(own);
});
