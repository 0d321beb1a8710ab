import { type Debugger, Session } from "node:inspector";
import { CURRENT_ATTEMPT } from "../attempt/current-attempt.js";

/** The code that blocks the main thread. */
export interface Culprit {
  /** Key of the attempt that the code belongs to, or null if it belongs to none. */
  readonly leaseKey: string | null;
  /** The function that is running, for the log. */
  readonly where: string;
}

const EXPRESSION = `globalThis[Symbol.for(${JSON.stringify(CURRENT_ATTEMPT)})]?.() ?? null`;

/**
 * Finds out from another thread which attempt blocks the main thread, by pausing it with the debugger, which works even
 * in an endless loop. Resolves to null if the main thread does not pause within `withinMs`, for example in a blocking
 * system call. Leaves the main thread paused, because the process is about to be killed.
 */
export function findCulprit(withinMs: number): Promise<Culprit | null> {
  const session = new Session();
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(null), withinMs);
    const answer = (culprit: Culprit | null): void => {
      clearTimeout(timer);
      resolve(culprit);
    };
    // On Node 20 a stack frame only contains the number of its script.
    const urls = new Map<string, string>();
    session.on("Debugger.scriptParsed", ({ params }) => urls.set(params.scriptId, params.url));
    session.once("Debugger.paused", ({ params }) => {
      const [frame] = params.callFrames;
      if (!frame) return answer(null);
      const { callFrameId } = frame;
      session.post(
        "Debugger.evaluateOnCallFrame",
        { callFrameId, expression: EXPRESSION, silent: true, returnByValue: true },
        (error, reply) => {
          const value: unknown = error ? null : reply.result.value;
          answer({ leaseKey: typeof value === "string" ? value : null, where: whereOf(frame, urls) });
        },
      );
    });
    try {
      session.connectToMainThread();
      session.post("Debugger.enable");
      session.post("Debugger.pause");
    } catch {
      answer(null);
    }
  });
}

function whereOf({ functionName, location }: Debugger.CallFrame, urls: ReadonlyMap<string, string>): string {
  return `${functionName || "(anonymous)"} ${urls.get(location.scriptId) ?? ""}:${location.lineNumber + 1}`;
}
