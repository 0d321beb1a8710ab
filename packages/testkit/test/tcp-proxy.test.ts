import { expect, test } from "vitest";
import { createTcpProxy, testRedis, waitFor } from "../src/index.js";
import { connectTo } from "./line-client.js";

const PONG = "+PONG\r\n";

/** Asks the server itself, past the proxy. */
async function ask(path: string, command: string): Promise<string> {
  await using client = connectTo({ path });
  client.send(`${command}\r\n`);
  return await waitFor(client.heard);
}

test("what is sent arrives, and so does the answer, however large", async () => {
  await using redis = await testRedis();
  await using proxy = await createTcpProxy({ target: { path: redis.socketPath } });
  await using client = connectTo(proxy);
  const size = 8 * 1024 * 1024;

  client.send(`SET big "${"x".repeat(60_000)}"\r\nSETRANGE big ${size - 1} y\r\nGET big\r\n`);

  await waitFor(() => client.heard().length > size, { what: "8 MB to come back" });
  expect(client.heard()).toMatch(/^\+OK\r\n:8388608\r\n\$8388608\r\nxxx/);
});

test("connections are counted while they live", async () => {
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

test("a proxy in front of a TCP port ends its clients when the server does", async () => {
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

test("a blackhole upwards keeps requests from the server, until it passes again", async () => {
  await using redis = await testRedis();
  await using proxy = await createTcpProxy({ target: { path: redis.socketPath } });
  await using client = connectTo(proxy);
  client.send("PING\r\n");
  await waitFor(client.heard);

  proxy.blackhole("up");
  client.send("INCR n\r\n");
  // Nothing can be waited for where nothing happens: a round trip past the proxy is the time it would have taken.
  expect(await ask(redis.socketPath, "EXISTS n")).toBe(":0\r\n");
  proxy.pass();

  await waitFor(() => client.heard() === `${PONG}:1\r\n`);
});

test("a blackhole downwards lets requests be executed and keeps their answers", async () => {
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

test("a blackhole tells a connected client nothing, and new ones can connect to it", async () => {
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

test("refusing resets new connections and leaves the others", async () => {
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

test("cutting resets every connection, and the next one works", async () => {
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

test("a dropped reply belongs to a request that was executed, once", async () => {
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

test("a dropped request was never executed", async () => {
  await using redis = await testRedis();
  await using proxy = await createTcpProxy({ target: { path: redis.socketPath } });
  await using client = connectTo(proxy);

  const dropped = proxy.dropRequestOnce();
  client.send("INCR n\r\n");
  await dropped;

  expect(await client.ended).toBe("ECONNRESET");
  expect(await ask(redis.socketPath, "EXISTS n")).toBe(":0\r\n");
});

test("a fault meant for one request lets others pass", async () => {
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

test("stopping twice is stopping once, also with clients in a blackhole", async () => {
  await using redis = await testRedis();
  const proxy = await createTcpProxy({ target: { path: redis.socketPath } });
  await using client = connectTo(proxy);
  await waitFor(() => proxy.connections === 1);
  proxy.blackhole();

  await Promise.all([proxy.stop(), proxy.stop()]);

  expect(await client.ended).toBe("ECONNRESET");
});
