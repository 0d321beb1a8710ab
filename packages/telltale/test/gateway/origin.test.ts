import { describe, expect, test } from "vitest";
import { memoryLogger } from "./memory-logger.js";
import { openGateway } from "./open-gateway.js";
import { rawExchange, upgradeHead } from "./raw-exchange.js";

const ORIGINS = ["https://app.example.com"];

describe("the origin of a WebSocket upgrade is checked before the reply 101", () => {
  const table: [string, string[], number][] = [
    ["the listed origin is accepted", ["Origin: https://app.example.com"], 101],
    ["the gateway's own page is accepted", ["Host: 127.0.0.1:3000", "Origin: http://127.0.0.1:3000"], 101],
    ["a request without an origin and a cookie is accepted, because it is not from a browser", [], 101],
    ["a request without an origin but with a bearer token is accepted", ["Authorization: Bearer t"], 101],
    ["a request without an origin but with a cookie is refused", ["Cookie: session=1"], 403],
    ["an unlisted origin is refused", ["Origin: https://evil.example"], 403],
    ["the null origin is refused", ["Origin: null"], 403],
    ["a longer name is refused", ["Origin: https://app.example.com.evil.example"], 403],
    ["another scheme is refused", ["Origin: http://app.example.com"], 403],
    ["another port is refused", ["Origin: https://app.example.com:444"], 403],
    ["upper case is refused", ["Origin: https://APP.example.com"], 403],
    ["an origin with a path is refused", ["Origin: https://app.example.com/"], 403],
    ["an empty origin is refused", ["Origin: "], 403],
    [
      "two origins are refused, even if the first is listed",
      ["Origin: https://app.example.com", "Origin: https://evil.example"],
      403,
    ],
    ["two hosts are refused", ["Host: a.example", "Host: b.example"], 400],
    ["an invalid Host is refused", ["Host: a b<>"], 400],
  ];
  test.each(table)("%s", async (_name, headers, status) => {
    await using server = await openGateway({ origins: ORIGINS });

    const answer = await rawExchange(server.port, upgradeHead("/trpc", headers), { until: "\r\n\r\n" });

    expect(answer.status).toBe(status);
  });
});

describe("requests under a name that was made to resolve to this machine (DNS rebinding) are refused", () => {
  const rebound: [string, string[], number][] = [
    ["a page under such a name", ["Host: rebound.example:3000", "Origin: http://rebound.example:3000"], 421],
    ["without an origin, as pages read from their own host", ["Host: rebound.example:3000"], 421],
    ["a name that only begins like ours", ["Host: 127.0.0.1.rebound.example"], 421],
    ["a name that only ends like ours", ["Host: rebound-localhost"], 421],
    ["this machine by name, with any port", ["Host: LocalHost:81", "Origin: http://localhost:81"], 101],
    ["this machine by its IPv6 address", ["Host: [::1]:3000", "Origin: http://[::1]:3000"], 101],
    ["a listed site whose proxy keeps the host", ["Host: app.example.com", "Origin: https://app.example.com"], 101],
  ];
  test.each(rebound)("%s", async (_name, headers, status) => {
    await using server = await openGateway({ origins: ORIGINS });
    const call = `POST /trpc/change HTTP/1.1\r\n${headers.join("\r\n")}\r\nContent-Type: application/json\r\nContent-Length: 16\r\n\r\n{"json":{"n":1}}`;

    const upgrade = await rawExchange(server.port, upgradeHead("/trpc", headers), { until: "\r\n\r\n" });
    const called = await rawExchange(server.port, call, { until: "\r\n\r\n" });

    expect(upgrade.status).toBe(status);
    expect(called.status).toBe(status === 101 ? 200 : status);
  });

  test("a gateway that listens beyond loopback accepts any Host", async () => {
    await using server = await openGateway({}, "0.0.0.0");

    const head = upgradeHead("/trpc", ["Host: api.example.com", "Origin: https://api.example.com"]);

    expect((await rawExchange(server.port, head, { until: "\r\n\r\n" })).status).toBe(101);
  });

  test("health checks are answered under any Host", async () => {
    await using server = await openGateway();

    const answer = await rawExchange(server.port, "GET /healthz HTTP/1.1\r\nHost: pod.example\r\n\r\n", { until: "}" });

    expect(answer.status).toBe(200);
  });
});

describe("over HTTP", () => {
  test("a page with a listed origin may read replies, with credentials, and gets its preflights answered", async () => {
    await using server = await openGateway({ origins: ORIGINS });
    const origin = "https://app.example.com";

    const preflight = await fetch(`${server.url}/trpc/change`, {
      method: "OPTIONS",
      headers: { origin, "access-control-request-headers": "authorization,content-type" },
    });
    const answer = await fetch(`${server.url}/trpc/ping`, { headers: { origin } });

    expect(preflight.status).toBe(204);
    expect(preflight.headers.get("access-control-allow-headers")).toBe("authorization,content-type");
    expect(preflight.headers.get("access-control-allow-methods")).toBe("GET, POST");
    expect(answer.headers.get("access-control-allow-origin")).toBe(origin);
    expect(answer.headers.get("access-control-allow-credentials")).toBe("true");
    expect(answer.headers.get("vary")).toContain("origin");
  });

  test.each([
    ["GET", {}],
    ["POST", { "content-type": "application/json" }],
    ["POST", { "content-type": "text/plain" }],
    ["OPTIONS", { "access-control-request-method": "POST" }],
  ])(
    "a %s from a page with an unlisted origin is answered with 403 and reaches no procedure",
    async (method, headers) => {
      await using server = await openGateway({ origins: ORIGINS });

      const answer = await fetch(`${server.url}/trpc/change`, {
        method,
        headers: { origin: "https://evil.example", ...headers },
        ...(method === "POST" ? { body: '{"json":{"n":1}}' } : {}),
      });

      expect(answer.status).toBe(403);
      expect(answer.headers.get("access-control-allow-origin")).toBeNull();
      expect(await answer.json()).toEqual({
        error: "pages of this origin may not call: add it to the `origins` of createGateway",
      });
    },
  );

  test("a refused origin is logged once with what to do, and at most 20 origins are logged", async () => {
    const { logger, lines } = memoryLogger();
    await using server = await openGateway({ origins: ORIGINS, logger });
    const callFrom = (origin: string) => fetch(`${server.url}/trpc/ping`, { headers: { origin } });

    await callFrom("http://localhost:5173");
    await callFrom("http://localhost:5173");
    await rawExchange(server.port, upgradeHead("/trpc", ["Origin: http://localhost:5173"]), { until: "\r\n\r\n" });
    await callFrom("null");
    expect(lines.filter(({ level }) => level === "warn")).toEqual([
      {
        level: "warn",
        data: { origin: "http://localhost:5173" },
        message: expect.stringMatching(/CORS error.*add it to the `origins` of createGateway/),
      },
    ]);
    for (let i = 0; i < 30; i++) await callFrom(`https://site${i}.example`);

    expect(lines.filter(({ level }) => level === "warn")).toHaveLength(20);
  });

  test("the gateway's own page needs no entry in the list", async () => {
    await using server = await openGateway();

    const answer = await fetch(`${server.url}/trpc/ping`, { headers: { origin: server.url } });

    expect(answer.status).toBe(200);
  });
});

test.each(["*", "null", "https://app.example.com/", "app.example.com", "file:///x", "https://*.example.com:x"])(
  "a list with %s is refused when the gateway is created",
  async (origin) => {
    await expect(openGateway({ origins: [origin] })).rejects.toMatchObject({ code: "invalid_config" });
  },
);

test.each([
  ["http://localhost:5173/", "http://localhost:5173"],
  ["https://app.example/path", "https://app.example"],
  ["*", "https://app.example"],
])("the error for %s in the list shows how to write an origin", async (origin, example) => {
  await expect(openGateway({ origins: [origin] })).rejects.toThrow(`"${origin}" is not an origin: write "${example}"`);
});
