import type { IncomingMessage, ServerResponse } from "node:http";
import { refuse } from "./refuse.js";

/**
 * Responds with 408 if the body of a request has not arrived after `deadlineMs`. An attached server's own
 * `requestTimeout` may be several minutes or disabled.
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
