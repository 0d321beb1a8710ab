import { afterEach, expect, test, vi } from "vitest";
import { silentLogger } from "./logger.js";
import { loggerOf } from "./logger-of.js";
import { formatLine, stderrLogger } from "./stderr-logger.js";

afterEach(() => {
  vi.restoreAllMocks();
});

test("a line begins with the job's fields, and values with spaces are quoted", () => {
  const data = { code: "handler_error", attempt: 2, id: "mail_01", kind: "mail", error: "no such user" };

  expect(formatLine("warn", data, "attempt failed")).toBe(
    'telltale warn  attempt failed kind=mail id=mail_01 attempt=2 code=handler_error error="no such user"',
  );
});

test("a stack is written below its line, indented", () => {
  const line = formatLine("error", { kind: "mail", stack: "Error: gone\n    at send (mail.ts:3:1)" }, "job failed");

  expect(line).toBe("telltale error job failed kind=mail\n    Error: gone\n        at send (mail.ts:3:1)");
});

test("lists are joined, and undefined fields are left out", () => {
  expect(formatLine("warn", { missing: ["a", "b"], queue: undefined }, "no handler")).toBe(
    "telltale warn  no handler missing=a,b",
  );
});

test("values cannot inject line breaks or terminal escape codes", () => {
  const evil = "\n\u001b[2J\u009b2J\u2028telltale error all is lost";

  const line = formatLine("warn", { error: evil, frames: [evil] }, "attempt failed");

  expect(line.split("\n")).toHaveLength(2);
  expect(line).not.toMatch(/[^\P{Cc}\n]|\u2028/u);
});

test("without a logger, only warnings and errors are written", () => {
  const written = vi.spyOn(console, "error").mockImplementation(() => {});
  const logger = loggerOf(undefined);

  logger.debug({}, "a detail");
  logger.info({}, "started");
  logger.warn({ queue: "mail" }, "no handler");
  logger.error({}, "gone");

  expect(written.mock.calls).toEqual([["telltale warn  no handler queue=mail"], ["telltale error gone"]]);
});

test("`false` turns logging off, and a given logger is used unchanged", () => {
  const given = { ...silentLogger };

  expect(loggerOf(false)).toBe(silentLogger);
  expect(loggerOf(given)).toBe(given);
  expect(loggerOf(undefined)).toBe(stderrLogger);
});
