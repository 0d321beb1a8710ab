import type { IncomingMessage, ServerResponse } from "node:http";

/** The app's existing pages. In your app, Express or Next.js serves them. */
export function pages(_req: IncomingMessage, res: ServerResponse): void {
  res.setHeader("content-type", "text/plain; charset=utf-8");
  res.end("Notes: write down what you must not forget.\n");
}
