import type { QuickJSContext, QuickJSHandle } from "quickjs-emscripten";
import { PRELUDE } from "./prelude.js";
import type { PrintedText } from "./printed-text.js";

type ToolName = "parse" | "stringify" | "isPromise" | "describe";

/** The prelude's functions, for the host to call. */
export interface SandboxTools {
  /** Returns what the function returned or threw. */
  call(name: ToolName, argument: QuickJSHandle): ReturnType<QuickJSContext["callFunction"]>;
  /** Also false if the function failed. */
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
  // Read now, because the submission can change Object.prototype later.
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
