import { expect, test } from "vitest";
import { createTcpProxy, testRedis, waitFor } from "../src/index.js";
import { connectTo } from "./line-client.js";

const PONG = "+PONG\r\n";

/** Sends a command to the server directly, without the proxy. */
async function ask(path: string, command: string): Promise<string> {
  await using client = connectTo({ path });
  client.send(`${command}\r\n`);
  return await waitFor(client.heard);
}

test("requests and replies arrive, even very large ones", async () => {
  await using redis = await testRedis();
  await using proxy = await createTcpProxy({ target: { path: redis.socketPath } });
  await using client = connectTo(proxy);
  const size = 8 * 1024 * 1024;

  client.send(`SET big "${"x".repeat(60_000)}"\r\nSETRANGE big ${size - 1} y\r\nGET big\r\n`);

  await waitFor(() => client.heard().length > size, { what: "8 MB to come back" });
  expect(client.heard()).toMatch(/^\+OK\r\n:8388608\r\n\$8388608\r\nxxx/);
});

test("open connections are counted", async () => {
  await using redis = await testRedis();
  await using proxy = await createTcpProxy({ target: { path: redis.socketPath } });
  await using client = connectTo(proxy);
  await using other = connectTo(proxy);
  await waitFor(() => proxy.connections === 2);

  client.end();

  await waitFor(() => proxy.connections === 1);
  expect(await client.ended).toBe("closed");
  other.send("PING\r\n");
  expect(await waitFor(other.heard)).toBe(PONG);
});

test("a proxy in front of a TCP port ends its connections when the server ends", async () => {
  await using redis = await testRedis();
  await using inner = await createTcpProxy({ target: { path: redis.socketPath } });
  await using outer = await createTcpProxy({ target: { port: inner.port } });
  await using client = connectTo(outer);
  client.send("PING\r\n");
  await waitFor(client.heard);

  await redis.stop();

  await client.ended;
  await waitFor(() => outer.connections === 0 && inner.connections === 0);
});

test("an upward black hole holds requests back until the proxy passes again", async () => {
  await using redis = await testRedis();
  await using proxy = await createTcpProxy({ target: { path: redis.socketPath } });
  await using client = connectTo(proxy);
  client.send("PING\r\n");
  await waitFor(client.heard);

  proxy.blackhole("up");
  client.send("INCR n\r\n");
  // There is no event to wait for. A direct round trip takes as long as the request would have taken.
  expect(await ask(redis.socketPath, "EXISTS n")).toBe(":0\r\n");
  proxy.pass();

  await waitFor(() => client.heard() === `${PONG}:1\r\n`);
});

test("a downward black hole lets requests execute and holds their replies back", async () => {
  await using redis = await testRedis();
  await using proxy = await createTcpProxy({ target: { path: redis.socketPath } });
  await using client = connectTo(proxy);

  proxy.blackhole("down");
  client.send("INCR n\r\n");
  await waitFor(async () => (await ask(redis.socketPath, "EXISTS n")) === ":1\r\n");
  expect(client.heard()).toBe("");
  proxy.pass();

  expect(await waitFor(client.heard)).toBe(":1\r\n");
});

test("a black hole does not end connections, and new clients can connect", async () => {
  await using redis = await testRedis();
  await using proxy = await createTcpProxy({ target: { path: redis.socketPath } });
  await using before = connectTo(proxy);
  await waitFor(() => proxy.connections === 1);

  proxy.blackhole();
  await using after = connectTo(proxy);
  before.send("PING\r\n");
  after.send("PING\r\n");
  await waitFor(() => proxy.connections === 2);
  await redis.stop();
  expect(before.heard() + after.heard()).toBe("");
  expect(proxy.connections).toBe(2);

  proxy.pass();
  await Promise.all([before.ended, after.ended]);
});

test("refusing resets new connections and keeps existing ones", async () => {
  await using redis = await testRedis();
  await using proxy = await createTcpProxy({ target: { path: redis.socketPath } });
  await using before = connectTo(proxy);
  await waitFor(() => proxy.connections === 1);

  proxy.refuse();
  await using after = connectTo(proxy);

  expect(await after.ended).toBe("ECONNRESET");
  before.send("PING\r\n");
  expect(await waitFor(before.heard)).toBe(PONG);
});

test("cutting resets every connection, and new ones work", async () => {
  await using redis = await testRedis();
  await using proxy = await createTcpProxy({ target: { path: redis.socketPath } });
  await using client = connectTo(proxy);
  await using other = connectTo(proxy);
  await waitFor(() => proxy.connections === 2);

  proxy.cutAll();

  expect(await Promise.all([client.ended, other.ended])).toEqual(["ECONNRESET", "ECONNRESET"]);
  await waitFor(() => proxy.connections === 0);
  await using next = connectTo(proxy);
  next.send("PING\r\n");
  expect(await waitFor(next.heard)).toBe(PONG);
});

test("a request whose reply is dropped was executed once", async () => {
  await using redis = await testRedis();
  await using proxy = await createTcpProxy({ target: { path: redis.socketPath } });
  await using client = connectTo(proxy);

  const dropped = proxy.dropReplyOnce();
  client.send("INCR n\r\n");
  await dropped;

  expect(await client.ended).toBe("ECONNRESET");
  expect(client.heard()).toBe("");
  await using next = connectTo(proxy);
  next.send("INCR n\r\n");
  expect(await waitFor(next.heard)).toBe(":2\r\n");
});

test("a dropped request is never executed", async () => {
  await using redis = await testRedis();
  await using proxy = await createTcpProxy({ target: { path: redis.socketPath } });
  await using client = connectTo(proxy);

  const dropped = proxy.dropRequestOnce();
  client.send("INCR n\r\n");
  await dropped;

  expect(await client.ended).toBe("ECONNRESET");
  expect(await ask(redis.socketPath, "EXISTS n")).toBe(":0\r\n");
});

test("a fault for one request does not affect others", async () => {
  await using redis = await testRedis();
  await using proxy = await createTcpProxy({ target: { path: redis.socketPath } });
  await using client = connectTo(proxy);

  const dropped = proxy.dropRequestOnce({ containing: "INCR" });
  client.send("PING\r\n");
  expect(await waitFor(client.heard)).toBe(PONG);
  client.send("INCR n\r\n");
  await dropped;

  expect(await client.ended).toBe("ECONNRESET");
});

test("stopping is safe to repeat, even with clients in a black hole", async () => {
  await using redis = await testRedis();
  const proxy = await createTcpProxy({ target: { path: redis.socketPath } });
  await using client = connectTo(proxy);
  await waitFor(() => proxy.connections === 1);
  proxy.blackhole();

  await Promise.all([proxy.stop(), proxy.stop()]);

  expect(await client.ended).toBe("ECONNRESET");
});
