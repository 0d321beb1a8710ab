import { callSolve, UNREADABLE } from "./call-solve.js";
import { failed } from "./failed.js";
import { PrintedText } from "./printed-text.js";
import type { Ended, Outcome, TestRequest } from "./protocol.js";
import { createWorld } from "./quickjs.js";
import { loadTools } from "./sandbox-tools.js";

interface RunTestOptions {
  readonly compiled: WebAssembly.Module;
  readonly request: TestRequest;
  readonly onStarted: () => void;
  readonly onPrinted: (text: string) => void;
}

/** Runs one test in a new world. Every error, endless loop or crash of the submission becomes an outcome. */
export async function runTest({ compiled, request, onStarted, onPrinted }: RunTestOptions): Promise<Ended> {
  const printed = new PrintedText(onPrinted);
  const { source, memoryMb, timeMs } = request;
  let deadline = Number.POSITIVE_INFINITY;
  const shouldInterrupt = (): boolean => {
    printed.flushIfDue();
    return performance.now() >= deadline;
  };
  const world = await createWorld(compiled, { memoryMb, shouldInterrupt });
  const tools = loadTools(world.context, printed);
  const input = world.context.unwrapResult(tools.call("parse", world.context.newString(request.input)));

  onStarted();
  const startedAt = performance.now();
  deadline = startedAt + timeMs;
  let outcome: Outcome;
  let isHostError = false;
  try {
    outcome = callSolve(world.context, { source, input, tools });
  } catch (error) {
    // Thrown by WebAssembly or the library, not by the submission. The world cannot be used any more.
    isHostError = true;
    const what = error instanceof RangeError ? "RangeError: stack overflow" : "The interpreter failed on this program";
    outcome = failed("runtime_error", what);
  }
  const ms = Math.round(performance.now() - startedAt);

  if (ms >= timeMs) outcome = failed("time_limit", `Took longer than ${timeMs} ms`);
  else if (isOutOfMemory(outcome, world.grownBytes() >= memoryMb * 1024 * 1024)) {
    outcome = failed("memory_limit", `Needed more than ${memoryMb} MB`);
  }
  printed.flush();
  const isMemory = outcome.kind === "failed" && outcome.verdict === "memory_limit";
  return { outcome, ms, isThreadSpoiled: isHostError || isMemory };
}

const OUT_OF_MEMORY = "InternalError: out of memory";
/** When memory is full, QuickJS cannot always create an error, and throws null or an empty string instead. */
const NO_ERROR_LEFT = new Set(["Thrown: null", "Thrown: ", UNREADABLE]);

function isOutOfMemory(outcome: Outcome, hasGrownToLimit: boolean): boolean {
  if (outcome.kind !== "failed" || outcome.verdict !== "runtime_error") return false;
  return outcome.message.endsWith(OUT_OF_MEMORY) || (hasGrownToLimit && NO_ERROR_LEFT.has(outcome.message));
}
