import { once } from "node:events";
import { Agent, createServer, request } from "node:https";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { WebSocket } from "ws";
import { exampleGateway } from "./attached.js";
import { host } from "./hosts.js";

const KEY = Buffer.from("a key both sides know, in place of a certificate");
const TLS = { ciphers: "PSK", maxVersion: "TLSv1.2" } as const;
const agent = new Agent({
  ...TLS,
  pskCallback: () => ({ psk: KEY, identity: "test" }),
  checkServerIdentity: () => undefined,
});

test("a server of node:https serves calls and WebSockets, and still serves its own pages", async () => {
  await using site = host(createServer({ ...TLS, pskCallback: () => KEY }, (req, res) => res.end(`page ${req.url}`)));
  await using gateway = exampleGateway();
  gateway.attach(site.server);
  const port = await site.listen();
  const get = (path: string, headers = {}): Promise<string> =>
    new Promise((resolve, reject) => {
      const asked = request({ host: "127.0.0.1", port, path, headers, agent });
      asked.on("response", (res) => resolve(text(res))).on("error", reject);
      asked.end();
    });

  const ws = new WebSocket(`wss://127.0.0.1:${port}/trpc`, { agent });
  await once(ws, "open");
  ws.send(JSON.stringify({ id: 1, method: "query", params: { path: "ping" } }));
  const [message] = await once(ws, "message");

  expect(JSON.parse(String(message))).toMatchObject({ result: { data: { json: "pong" } } });
  expect(await get("/trpc/ping")).toContain('"json":"pong"');
  expect(await get("/other")).toBe("page /other");
  expect(await get("/other", { connection: "upgrade", upgrade: "h2c" })).toBe("page /other");
  await gateway.close({ graceMs: 0 });
  expect(await get("/trpc/ping")).toBe("page /trpc/ping");
});
