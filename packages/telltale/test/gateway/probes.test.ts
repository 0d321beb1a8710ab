import { createServer, get, type IncomingMessage, type ServerResponse } from "node:http";
import { initTRPC } from "@trpc/server";
import { TelltaleError } from "telltale";
import { createGateway } from "telltale/gateway";
import { describe, expect, test } from "vitest";
import { exampleRouter } from "./example-router.js";
import { Feed } from "./feed.js";
import { memoryLogger } from "./memory-logger.js";
import { openGateway } from "./open-gateway.js";

describe("/readyz", () => {
  test.each([
    ["ready without a check", undefined, 200, { status: "ready" }],
    ["ready when the check passes", async () => {}, 200, { status: "ready" }],
    [
      "unready by the error's code",
      async () => {
        throw new TelltaleError("redis_unavailable", "secret");
      },
      503,
      { status: "unready", code: "redis_unavailable" },
    ],
    [
      "unready without the message of an unexpected error",
      () => {
        throw new Error("secret");
      },
      503,
      { status: "unready", code: "not_ready" },
    ],
    ["unready when the check hangs", () => new Promise<void>(() => {}), 503, { status: "unready", code: "timeout" }],
  ])("is %s", async (_name, ready, status, body) => {
    await using server = await openGateway({ ready, limits: { readyMs: 50 } });

    const answer = await fetch(`${server.url}/readyz`);

    expect(answer.status).toBe(status);
    expect(await answer.json()).toEqual(body);
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  });
});

test("/healthz answers HEAD and refuses POST", async () => {
  await using server = await openGateway();

  expect((await fetch(`${server.url}/healthz`, { method: "HEAD" })).status).toBe(200);
  expect((await fetch(`${server.url}/healthz`, { method: "POST" })).status).toBe(405);
});

test("/metrics is served if it is given, and a failing one breaks nothing else", async () => {
  await using without = await openGateway();
  await using metrics = await openGateway({ metrics: async () => "up 1\n" });
  await using failing = await openGateway({ metrics: () => Promise.reject(new Error("secret")) });

  expect((await fetch(`${without.url}/metrics`)).status).toBe(404);
  expect(await (await fetch(`${metrics.url}/metrics`)).text()).toBe("up 1\n");
  expect((await fetch(`${failing.url}/metrics`)).status).toBe(500);
});

test("health checks and refusals must not be cached, so that no proxy keeps sending traffic to an unready server", async () => {
  await using server = await openGateway({ metrics: async () => "up 1\n", limits: { bodyBytes: 10 } });
  const body = "x".repeat(100);
  const answers = await Promise.all([
    ...["/healthz", "/readyz", "/metrics", "/no-such-page"].map((path) => fetch(server.url + path)),
    fetch(`${server.url}/healthz`, { method: "POST" }),
    fetch(`${server.url}/trpc/change`, { method: "POST", headers: { "content-type": "application/json" }, body }),
  ]);
  await using unready = await openGateway({ ready: () => Promise.reject(new Error("down")) });

  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 404, 405, 413]);
  for (const { headers } of [...answers, await fetch(`${unready.url}/readyz`)])
    expect(headers.get("cache-control")).toBe("no-store");
});

test("all other requests go to the fallback, and one that throws is answered with 500", async () => {
  await using server = await openGateway({
    fallback: (req, res) => {
      if (req.url === "/throws") throw new Error("secret");
      res.end(`page ${req.url}`);
    },
  });

  expect(await (await fetch(`${server.url}/some/page?x=1`)).text()).toBe("page /some/page?x=1");
  expect((await fetch(`${server.url}/throws`)).status).toBe(500);
});

describe("listening", () => {
  test("on a port in use is refused with an error that names the port", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => other.once("listening", resolve));
    const address = other.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const { logger, lines } = memoryLogger();
    const gateway = createGateway({
      router: exampleRouter({ feed: new Feed() }),
      createContext: () => ({ user: null }),
      logger,
    });

    const listening = gateway.listen(port);

    await expect(listening).rejects.toMatchObject({
      code: "invalid_config",
      message: expect.stringContaining(`${port}`),
    });
    expect(lines).toEqual([]);
    expect((await gateway.listen(0)).port).toBeGreaterThan(0);
    await gateway.close();
    other.close();
  });

  test("can be closed before it has started, and twice, and stays closed", async () => {
    const gateway = createGateway({
      router: exampleRouter({ feed: new Feed() }),
      createContext: () => ({ user: null }),
    });

    await gateway.close();
    await gateway.close();

    await expect(gateway.listen(0)).rejects.toMatchObject({ code: "closed" });
  });

  test("twice is refused", async () => {
    await using server = await openGateway();

    await expect(server.gateway.listen(0)).rejects.toMatchObject({ code: "invalid_config" });
  });
});

describe("a gateway is not created", () => {
  test("for a router without a transformer, because Dates would arrive as strings", () => {
    const t = initTRPC.create();
    const router = t.router({ now: t.procedure.query(() => new Date()) });

    expect(() => createGateway({ router, createContext: () => ({}) })).toThrow(/`transformer` from "telltale"/);
  });

  test.each(["trpc", "/trpc/", "/", "", "/a b"])("at %j", async (path) => {
    await expect(openGateway({ path })).rejects.toMatchObject({ code: "invalid_config" });
  });
});

describe("on loopback, a page whose name resolves to it (DNS rebinding)", () => {
  const rebound = { headers: { host: "rebound.example" } };
  const fallback = (_req: IncomingMessage, res: ServerResponse): void => void res.end("the web app");

  test.each([
    ["/metrics", 421],
    ["/", 421],
    ["/trpc", 421],
    ["/healthz", 200],
    ["/readyz", 200],
  ])("gets %s answered with %d", async (path, status) => {
    await using server = await openGateway({ metrics: async () => "jobs 1", fallback });

    expect(await statusOf(`${server.url}${path}`, rebound.headers)).toBe(status);
    expect(await statusOf(`${server.url}${path}`, {})).toBe(200);
  });

  test("can read them under a listed host", async () => {
    const origins = ["http://rebound.example"];
    await using server = await openGateway({ metrics: async () => "jobs 1", fallback, origins });

    expect(await statusOf(`${server.url}/metrics`, rebound.headers)).toBe(200);
    expect(await statusOf(`${server.url}/`, rebound.headers)).toBe(200);
  });
});

/** With any Host header, which `fetch` does not send. */
function statusOf(url: string, headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    get(url, { headers }, (res) => {
      res.resume();
      resolve(res.statusCode);
    }).on("error", reject);
  });
}
