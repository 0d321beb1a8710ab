import type { IncomingMessage, ServerResponse } from "node:http";

const HEADERS = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cache-control": "no-store",
};

// Only the port is inserted. It is a number, so nothing has to be escaped.
function page(port: number): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Telltale</title>
<style>
:root { color-scheme: light dark }
body { font: 1rem/1.6 system-ui, sans-serif; max-width: 50rem; margin: 3rem auto; padding: 0 1.25rem }
h1 { margin: 0; font-size: 1.75rem }
p.status { margin: .25rem 0 2rem; color: light-dark(#19703b, #6fd695) }
p.status::before { content: ""; display: inline-block; width: .6rem; height: .6rem; margin-right: .5rem; border-radius: 50%; background: currentColor }
pre { padding: 1rem; white-space: pre-wrap; overflow-wrap: anywhere; border-radius: .5rem; background: light-dark(#f3f4f6, #1d2127); font-size: .85rem; line-height: 1.5 }
h2 { margin: 2rem 0 .5rem; font-size: 1rem }
code { font-family: ui-monospace, "SFMono-Regular", Menlo, monospace }
</style>
</head>
<body>
<main>
<h1>Telltale</h1>
<p class="status">The API is up.</p>
<h2>Submit a job</h2>
<pre><code>curl http://127.0.0.1:${port}/trpc/submit -H 'content-type: application/json' -d '{"json":{
  "kind": "judge",
  "input": {
    "problem": "sum",
    "language": "javascript",
    "source": "const solve = ({ numbers }) =&gt; numbers.reduce((a, b) =&gt; a + b, 0);"
  }
}}'</code></pre>
<p>The response has the job&#39;s <code>id</code> and a <code>token</code> that allows you to watch and cancel the job.</p>
<h2>Get its status</h2>
<pre><code>curl http://127.0.0.1:${port}/trpc/get -H 'content-type: application/json' -d '{"json":{
  "id": "…", "token": "…"
}}'</code></pre>
<h2>Watch it live</h2>
<pre><code>import { createClient } from "telltale/client";
import type { jobs } from "@telltale/contracts";

const client = createClient&lt;typeof jobs&gt;({ url: "http://127.0.0.1:${port}" });
for await (const now of client.judge.job(id, { token }).watch()) {
  console.log(now.status);
}</code></pre>
<p>Health checks: <code>/healthz</code> (the process runs) and <code>/readyz</code> (Redis answers). To see everything at work, run <code>npm run demo</code>.</p>
</main>
</body>
</html>
`;
}

/** Answers `GET /` with a page of examples, and everything else with 404. */
export function landingPage(req: IncomingMessage, res: ServerResponse): void {
  const isPage = (req.method === "GET" || req.method === "HEAD") && (req.url === "/" || req.url?.startsWith("/?"));
  if (!isPage) {
    res.writeHead(404, { "content-type": "application/json" }).end('{"error":"not found"}\n');
    return;
  }
  res.writeHead(200, HEADERS).end(req.method === "HEAD" ? undefined : page(req.socket.localPort ?? 0));
}
