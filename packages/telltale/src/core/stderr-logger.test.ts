import { afterEach, expect, test, vi } from "vitest";
import { silentLogger } from "./logger.js";
import { loggerOf } from "./logger-of.js";
import { formatLine, stderrLogger } from "./stderr-logger.js";

afterEach(() => {
  vi.restoreAllMocks();
});

test("a line names the job first and quotes what has spaces", () => {
  const data = { code: "handler_error", attempt: 2, id: "mail_01", kind: "mail", error: "no such user" };

  expect(formatLine("warn", data, "attempt failed")).toBe(
    'telltale warn  attempt failed kind=mail id=mail_01 attempt=2 code=handler_error error="no such user"',
  );
});

test("a stack stands below its line, indented", () => {
  const line = formatLine("error", { kind: "mail", stack: "Error: gone\n    at send (mail.ts:3:1)" }, "job failed");

  expect(line).toBe("telltale error job failed kind=mail\n    Error: gone\n        at send (mail.ts:3:1)");
});

test("lists are joined, and what is undefined is left out", () => {
  expect(formatLine("warn", { missing: ["a", "b"], queue: undefined }, "no handler")).toBe(
    "telltale warn  no handler missing=a,b",
  );
});

test("no value can end a line or drive a terminal", () => {
  const evil = "\n\u001b[2J\u009b2J\u2028telltale error all is lost";

  const line = formatLine("warn", { error: evil, frames: [evil] }, "attempt failed");

  expect(line.split("\n")).toHaveLength(2);
  expect(line).not.toMatch(/[^\P{Cc}\n]|\u2028/u);
});

test("without a logger warnings and errors are told, and nothing else", () => {
  const told = vi.spyOn(console, "error").mockImplementation(() => {});
  const logger = loggerOf(undefined);

  logger.debug({}, "a detail");
  logger.info({}, "started");
  logger.warn({ queue: "mail" }, "no handler");
  logger.error({}, "gone");

  expect(told.mock.calls).toEqual([["telltale warn  no handler queue=mail"], ["telltale error gone"]]);
});

test("`false` silences, and a logger that was given is used as it is", () => {
  const given = { ...silentLogger };

  expect(loggerOf(false)).toBe(silentLogger);
  expect(loggerOf(given)).toBe(given);
  expect(loggerOf(undefined)).toBe(stderrLogger);
});
