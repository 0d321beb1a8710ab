import { type Debugger, Session } from "node:inspector";
import { CURRENT_ATTEMPT } from "../attempt/current-attempt.js";

/** What keeps the main thread from answering. */
export interface Culprit {
  /** Key of the attempt whose code runs, or null where it is nobody's. */
  readonly leaseKey: string | null;
  /** The function it is in, for the log. */
  readonly where: string;
}

const EXPRESSION = `globalThis[Symbol.for(${JSON.stringify(CURRENT_ATTEMPT)})]?.() ?? null`;

/**
 * Asks a main thread that hangs, from another thread, whose code it is in: the debugger can pause an endless loop. null
 * where it cannot within `withinMs`, as in a system call that blocks. Leaves the main thread paused: it is about to be killed.
 */
export function findCulprit(withinMs: number): Promise<Culprit | null> {
  const session = new Session();
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(null), withinMs);
    const answer = (culprit: Culprit | null): void => {
      clearTimeout(timer);
      resolve(culprit);
    };
    // A frame of Node 20 names its script by number only.
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
