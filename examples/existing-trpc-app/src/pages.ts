import type { IncomingMessage, ServerResponse } from "node:http";

/** The pages the app had before: an Express or Next.js app in yours. */
export function pages(_req: IncomingMessage, res: ServerResponse): void {
  res.setHeader("content-type", "text/plain; charset=utf-8");
  res.end("Notes: write down what must not be forgotten.\n");
}
