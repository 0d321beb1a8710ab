import type { QuickJSContext, QuickJSHandle } from "quickjs-emscripten";
import { failed } from "./failed.js";
import type { Outcome } from "./protocol.js";
import type { SandboxTools } from "./sandbox-tools.js";

/** The longest answer, in characters of JSON. */
const ANSWER_MAX = 1024 * 1024;

/** The message for a thrown value that cannot be described. */
export const UNREADABLE = "An unreadable value was thrown";

/** Compiles and loads the submission and calls its `solve`. Throws only errors of WebAssembly itself. */
export function callSolve(
  context: QuickJSContext,
  { source, input, tools }: Readonly<{ source: string; input: QuickJSHandle; tools: SandboxTools }>,
): Outcome {
  const compiled = context.evalCode(source, "solution.js", { compileOnly: true });
  if (compiled.error) return failed("compile_error", describeSyntaxError(context, compiled.error, tools));

  const loaded = context.evalCode(source, "solution.js");
  if (loaded.error) return failed("runtime_error", describe(context, loaded.error, tools));

  // Evaluated rather than read from the global object, which does not hold `const solve = …`.
  const found = context.evalCode('typeof solve === "function" ? solve : undefined', "judge.js");
  if (found.error) return failed("runtime_error", describe(context, found.error, tools));
  if (context.typeof(found.value) !== "function") {
    return failed("runtime_error", "ReferenceError: there is no function called solve");
  }

  const returned = context.callFunction(found.value, context.undefined, input);
  if (returned.error) return failed("runtime_error", describe(context, returned.error, tools));
  return readAnswer(context, returned.value, tools);
}

/** The answer leaves the sandbox only as text. Host code never walks its objects. */
function readAnswer(context: QuickJSContext, answer: QuickJSHandle, tools: SandboxTools): Outcome {
  const type = context.typeof(answer);
  if (type === "undefined") return { kind: "unanswered", was: "undefined" };
  if (type === "number") {
    const number = context.getNumber(answer);
    if (!Number.isFinite(number)) return { kind: "unanswered", was: String(number) };
  }
  if (type === "function" || type === "symbol" || type === "bigint") return { kind: "unanswered", was: `a ${type}` };
  if (type === "object" && tools.is("isPromise", answer)) return { kind: "unanswered", was: "a promise" };

  const json = tools.call("stringify", answer);
  if (json.error) {
    return failed("runtime_error", `The answer cannot be written as JSON: ${describe(context, json.error, tools)}`);
  }
  if (context.typeof(json.value) !== "string") return { kind: "unanswered", was: "a value that JSON cannot represent" };
  if (context.getNumber(context.getProp(json.value, "length")) > ANSWER_MAX) {
    return failed("runtime_error", "The answer is longer than 1 MB of JSON");
  }
  return { kind: "answered", json: context.getString(json.value) };
}

function describe(context: QuickJSContext, thrown: QuickJSHandle, tools: SandboxTools): string {
  const description = tools.call("describe", thrown);
  if (description.error || context.typeof(description.value) !== "string") return UNREADABLE;
  return context.getString(description.value);
}

/** If a submission does not compile, none of it ran, so the error is the interpreter's own and safe to read. */
function describeSyntaxError(context: QuickJSContext, error: QuickJSHandle, tools: SandboxTools): string {
  const line = context.getProp(error, "lineNumber");
  const where = context.typeof(line) === "number" ? ` (line ${context.getNumber(line)})` : "";
  return describe(context, error, tools) + where;
}
