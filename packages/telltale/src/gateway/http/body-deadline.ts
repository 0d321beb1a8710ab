import type { IncomingMessage, ServerResponse } from "node:http";
import { refuse } from "./refuse.js";

/**
 * Answers 408 when the body of a request is not there after this long. On an attached server the host's own
 * `requestTimeout` may be minutes or off.
 */
export function awaitBody(req: IncomingMessage, res: ServerResponse, deadlineMs: number): void {
  const { "content-length": length, "transfer-encoding": encoding } = req.headers;
  if (encoding === undefined && (length === undefined || Number(length) === 0)) return;
  const timer = setTimeout(() => {
    if (req.complete) return;
    if (res.headersSent) req.destroy();
    else refuse(res, 408, { close: true });
  }, deadlineMs).unref();
  req.once("close", () => clearTimeout(timer));
}
