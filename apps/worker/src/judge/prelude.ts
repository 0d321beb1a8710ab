/**
 * JavaScript that runs inside the sandbox before the submission. It takes the host's `print` and returns the functions
 * that the host calls later. They use the original built-ins, so a submission that replaces JSON or changes a prototype
 * can change what it prints and answers, but not how the host reads it.
 *
 * It is text rather than a module, because QuickJS evaluates it. It avoids assignments to new arrays and `for … of`,
 * because both use prototypes that a submission can change.
 */
export const PRELUDE = `"use strict";
(print) => {
  const { parse, stringify } = JSON;
  const { apply } = Reflect;
  const { slice } = String.prototype;
  const ErrorType = Error, PromiseType = Promise, text = String;
  const cut = (string, length) => apply(slice, string, [0, length]);
  const isError = (value) => typeof value === "object" && value !== null && value instanceof ErrorType;

  const show = (value) => {
    if (typeof value === "string") return value;
    if (typeof value === "function") return "[function]";
    if (typeof value !== "object" || value === null) return text(value);
    if (isError(value)) return text(value.name) + ": " + text(value.message);
    try {
      return stringify(value);
    } catch {
      return "[object]";
    }
  };

  let isFull = false;
  const log = (...values) => {
    if (isFull) return;
    let line = "";
    for (let i = 0; i < values.length; i++) line += (i > 0 ? " " : "") + show(values[i]);
    isFull = print(cut(line, 70000) + "\\n");
  };
  globalThis.console = { log, info: log, warn: log, error: log, debug: log };

  return {
    parse,
    stringify,
    isPromise: (value) => value instanceof PromiseType,
    describe: (thrown) => cut((isError(thrown) ? "" : "Thrown: ") + show(thrown), 600),
  };
}`;
