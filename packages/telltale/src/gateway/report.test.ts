import { TRPCError } from "@trpc/server";
import { expect, test } from "vitest";
import { TelltaleError } from "../core/index.js";
import { reportCallError } from "./report.js";

type Line = readonly [level: string, data: Readonly<Record<string, unknown>>, message: string];

function reported(error: TRPCError, path?: string): Line[] {
  const lines: Line[] = [];
  const at =
    (level: string) =>
    (data: object, message: string): void =>
      void lines.push([level, { ...data }, message]);
  const logger = { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
  reportCallError(logger, { error, path, type: "query" });
  return lines;
}

const failed = (cause: unknown): TRPCError =>
  new TRPCError({ code: "INTERNAL_SERVER_ERROR", message: "secret of the message", cause });

test("a caller cannot fill the log with a long path: it is cut after 100 characters", () => {
  const refused = new TRPCError({ code: "NOT_FOUND" });

  expect(reported(refused, "x".repeat(100_000))[0]?.[1].path).toBe("x".repeat(100));
  expect(reported(refused, "jobs.get")[0]?.[1].path).toBe("jobs.get");
  expect(reported(refused)[0]?.[1].path).toBeUndefined();
});

test("a mistake of the caller is logged at level debug, with its codes", () => {
  const error = new TRPCError({ code: "NOT_FOUND", cause: new TelltaleError("not_found") });

  expect(reported(error, "jobs.get")).toEqual([
    ["debug", { code: "NOT_FOUND", telltale: "not_found", type: "query", path: "jobs.get" }, "a call failed"],
  ]);
});

test("a fault of the server is logged at level error, with where it happened and without its message", () => {
  const [line] = reported(failed(new RangeError("secret")), "jobs.get");

  expect(line?.[0]).toBe("error");
  expect(line?.[2]).toBe("a call failed unexpectedly");
  expect(line?.[1]).toMatchObject({ code: "INTERNAL_SERVER_ERROR", telltale: null, error: "RangeError" });
  expect(line?.[1].frames).toEqual(expect.arrayContaining([expect.stringMatching(/^at .*report\.test\.ts/)]));
  expect(JSON.stringify(line)).not.toContain("secret");
});

test("a log line has at most twelve stack frames", () => {
  const deep = (n: number): Error => (n === 0 ? new Error("secret") : deep(n - 1));
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 100;
  const error = deep(50);
  Error.stackTraceLimit = limit;

  expect(reported(failed(error))[0]?.[1].frames).toHaveLength(12);
});

test.each(["WS_ERR_INVALID_UTF8", "ECONNRESET", "EPIPE", "ERR_STREAM_PREMATURE_CLOSE"])(
  "what a client does to its own connection (%s) is not logged as an error",
  (code) => {
    expect(reported(failed(Object.assign(new Error("secret"), { code })))[0]?.[0]).toBe("debug");
  },
);

test("an error with another code is logged as an error", () => {
  expect(reported(failed(Object.assign(new Error("secret"), { code: "ENOENT" })))[0]?.[0]).toBe("error");
  expect(reported(failed(Object.assign(new Error("secret"), { code: 7 })))[0]?.[0]).toBe("error");
});
