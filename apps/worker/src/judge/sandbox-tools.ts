import type { QuickJSContext, QuickJSHandle } from "quickjs-emscripten";
import { PRELUDE } from "./prelude.js";
import type { PrintedText } from "./printed-text.js";

type ToolName = "parse" | "stringify" | "isPromise" | "describe";

/** The prelude's functions, called from outside. */
export interface SandboxTools {
  /** Answers what the function answered or threw. */
  call(name: ToolName, argument: QuickJSHandle): ReturnType<QuickJSContext["callFunction"]>;
  /** False also when the question could not be answered. */
  is(name: "isPromise", argument: QuickJSHandle): boolean;
}

/** Loads the prelude; must run before the submission does. */
export function loadTools(context: QuickJSContext, printed: PrintedText): SandboxTools {
  const print = context.newFunction("print", (line) => {
    printed.add(context.getString(line));
    return printed.isFull ? context.true : context.false;
  });
  const prelude = context.unwrapResult(context.evalCode(PRELUDE, "prelude.js"));
  const made = context.unwrapResult(context.callFunction(prelude, context.undefined, print));
  const pick = (name: ToolName): QuickJSHandle => context.getProp(made, name);
  // Picked now, so that nothing the submission does to Object.prototype comes between the host and its tools.
  const tools: Record<ToolName, QuickJSHandle> = {
    parse: pick("parse"),
    stringify: pick("stringify"),
    isPromise: pick("isPromise"),
    describe: pick("describe"),
  };
  const call: SandboxTools["call"] = (name, argument) => context.callFunction(tools[name], context.undefined, argument);
  const is: SandboxTools["is"] = (name, argument) => {
    const answer = call(name, argument);
    return answer.error === undefined && context.dump(answer.value) === true;
  };
  return { call, is };
}
