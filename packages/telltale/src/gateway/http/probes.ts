import type { IncomingMessage, ServerResponse } from "node:http";
import type { Logger } from "../../core/index.js";
import { refuse, sendJson } from "./refuse.js";
import { telltaleCode } from "./trpc-error.js";

export interface ProbesOptions {
  readonly ready: (() => Promise<void>) | undefined;
  readonly metrics: (() => Promise<string>) | undefined;
  readonly readyMs: number;
  readonly isDraining: () => boolean;
  readonly logger: Logger;
}

type Page = (res: ServerResponse) => Promise<void>;

/**
 * `/healthz` only reports that the process is alive, because restarting it while Redis is unavailable would make things
 * worse. `/readyz` reports whether to send it traffic. `/metrics` exists if `metrics` is given.
 */
export function createProbes(options: ProbesOptions): (pathname: string) => Page | null {
  const { metrics } = options;
  const pages = new Map<string, Page>([
    ["/healthz", async (res) => sendJson(res, 200, { status: "ok" })],
    ["/readyz", (res) => answerReady(res, options)],
  ]);
  if (metrics) pages.set("/metrics", (res) => answerMetrics(res, metrics, options.logger));
  return (pathname) => pages.get(pathname) ?? null;
}

/** Whether this is a health check. These are sent to any host name or address, and say nothing that is worth protecting. */
export function isHealthCheck(pathname: string): boolean {
  return pathname === "/healthz" || pathname === "/readyz";
}

/** Answers a probe request. Responds with 405 to methods other than GET and HEAD. */
export function answerProbe(page: Page, req: IncomingMessage, res: ServerResponse): void {
  if (req.method === "GET" || req.method === "HEAD") void page(res);
  else refuse(res, 405, { close: true });
}

async function answerReady(res: ServerResponse, options: ProbesOptions): Promise<void> {
  const code = options.isDraining() ? "draining" : await unreadiness(options);
  if (code === null) {
    sendJson(res, 200, { status: "ready" });
    return;
  }
  res.setHeader("retry-after", 1);
  sendJson(res, 503, { status: "unready", code });
}

async function unreadiness({ ready, readyMs, logger }: ProbesOptions): Promise<string | null> {
  if (!ready) return null;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve("timeout"), readyMs);
  });
  const asked = Promise.resolve()
    .then(ready)
    .then(
      () => null,
      (error: unknown) => telltaleCode(error) ?? "not_ready",
    );
  const code = await Promise.race([asked, late]);
  clearTimeout(timer);
  if (code !== null) logger.debug({ code }, "not ready");
  return code;
}

async function answerMetrics(res: ServerResponse, metrics: () => Promise<string>, logger: Logger): Promise<void> {
  try {
    const text = await metrics();
    res.writeHead(200, { "content-type": "text/plain; version=0.0.4; charset=utf-8", "cache-control": "no-store" });
    res.end(text);
  } catch (error) {
    logger.error({ telltale: telltaleCode(error) }, "the metrics could not be written");
    refuse(res, 500);
  }
}
