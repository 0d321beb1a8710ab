import type { IncomingMessage, ServerResponse } from "node:http";
import { refuse } from "./refuse.js";

/**
 * Responds with 408 if the body of a request has not arrived after `deadlineMs`. An attached server's own
 * `requestTimeout` may be several minutes or disabled.
 */
export function awaitBody(req: IncomingMessage, res: ServerResponse, deadlineMs: number): void {
  if (!hasBody(req)) return;
  const timer = setTimeout(() => {
    if (req.complete) return;
    if (res.headersSent) req.destroy();
    else refuse(res, 408, { close: true });
  }, deadlineMs).unref();
  req.once("close", () => clearTimeout(timer));
}

/** Whether a request announces a body. */
export function hasBody(req: IncomingMessage): boolean {
  const { "content-length": length, "transfer-encoding": encoding } = req.headers;
  return encoding !== undefined || (length !== undefined && Number(length) > 0);
}
