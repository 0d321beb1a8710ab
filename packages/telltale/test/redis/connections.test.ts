import { once } from "node:events";
import { createRequire } from "node:module";
import { type AddressInfo, connect } from "node:net";
import { createServer } from "node:tls";
import { createTcpProxy, eventually, testRedis, waitFor } from "@telltale/testkit";
import { Redis, type RedisOptions } from "ioredis";
import { handle } from "telltale";
import { createTelltale, type RedisSource } from "telltale/server";
import { createWorker } from "telltale/worker";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { anything, jobs } from "../worker/contracts.js";
import { deferred, harness, type Logged } from "../worker/harness.js";
import { CERTIFICATE, KEY } from "./certificate.js";

const server = await testRedis();
const admin = new Redis(server.url);
beforeAll(() => admin.acl("SETUSER", "shop", "on", ">s3cret", "~*", "&*", "+@all"));
afterAll(async () => {
  admin.disconnect();
  await server.stop();
});

/** The connections of a user, as Redis lists them. */
async function connectionsOf(user: string): Promise<Record<string, string>[]> {
  const list = String(await admin.call("CLIENT", "LIST"));
  return list
    .trim()
    .split("\n")
    .map((line) => Object.fromEntries(line.split(" ").map((field) => field.split("=", 2))))
    .filter((connection) => connection.user === user);
}

/**
 * Runs a job that ends once its lease was extended, which the thread does once the worker has started. So every kind of connection is
 * used. Returns what was logged.
 */
async function useAll(source: RedisSource, whileRunning: () => Promise<void> = async () => {}): Promise<Logged[]> {
  const on = harness(source);
  const release = deferred();
  const worker = on.work(
    [
      handle(anything, async ({ input }) => {
        await release.promise;
        return input.name;
      }),
    ],
    { leaseMs: 1_000 },
  );
  await worker.start();
  const job = await on.telltale.anything.submit({ name: "here" });
  const result = job.result();
  await waitFor(() => worker.liveness.lastExtendAt !== null);
  await whileRunning();
  release.resolve();
  expect(await result).toMatchObject({ ok: true, output: "here" });
  const isTrouble = ({ level, message }: Logged) =>
    (level === "warn" || level === "error") && !message.startsWith("kinds without a handler");
  return on.logged.filter(isTrouble);
}

test.each<[string, (options: RedisOptions) => RedisSource]>([
  ["as options", (options) => options],
  ["as an ioredis instance", (options) => ended(new Redis({ ...options, replyMapping: "legacy" }))],
  ["as an ioredis instance of another copy of ioredis", (options) => ended(anotherRedis(options))],
])("user, database and name apply to every connection, including the lease thread's: given %s", async (_, given) => {
  const options = { path: server.socketPath, username: "shop", password: "s3cret", db: 3, connectionName: "shop" };

  const logged = await useAll(given({ ...options, lazyConnect: true }), async () => {
    // Commands, the subscriber, the doorbell and the lease thread.
    const found = await waitFor(async () => {
      const connections = await connectionsOf("shop");
      return connections.length === 4 ? connections : null;
    });
    expect(found.map(({ name, db }) => ({ name, db }))).toEqual(found.map(() => ({ name: "shop", db: "3" })));
    const commands = new Set(found.map(({ cmd }) => cmd));
    expect(commands).toContain("subscribe");
    expect(commands).toContain("brpop");
    expect(commands).toContain("evalsha");
  });

  expect(logged).toEqual([]);
});

test("options in a URL's query apply to every connection, and those that Telltale sets cannot be changed there", async () => {
  const options = "connectionName=mine&username=shop&password=s3cret";
  await useAll(`${server.socketPath}?${options}`, async () => {
    const found = await connectionsOf("shop");
    expect(found.length).toBeGreaterThan(3);
    expect(new Set(found.map(({ name }) => name))).toEqual(new Set(["mine"]));
  });
});

test("a primary is found through a sentinel with a password, by every connection", async () => {
  await using primary = await createTcpProxy({ target: { path: server.socketPath } });
  await using sentinel = await testRedis({
    sentinel: true,
    config: { "sentinel monitor main": `127.0.0.1 ${primary.port} 1`, requirepass: "watch" },
  });
  await using address = await createTcpProxy({ target: { path: sentinel.socketPath } });
  const sentinels = [{ host: "127.0.0.1", port: address.port }];

  const logged = await useAll({ sentinels, name: "main", sentinelPassword: "watch" });

  expect(logged).toEqual([]);
});

test("TLS options with Buffers apply to every connection, including the lease thread's", async () => {
  const { port } = await tlsServer();
  const tls = { ca: [Buffer.from(CERTIFICATE)], servername: "redis.test" };

  const logged = await useAll({ host: "127.0.0.1", port, tls });

  expect(logged).toEqual([]);
});

test("a server process may use functions in its options, such as checkServerIdentity, and a worker refuses them", async () => {
  const { port } = await tlsServer();
  const names: string[] = [];
  const checkServerIdentity = (name: string) => void names.push(name);
  const redis = { host: "127.0.0.1", port, tls: { ca: CERTIFICATE, checkServerIdentity } };
  await using telltale = createTelltale({ jobs, redis, logger: false });

  const job = await telltale.anything.submit({});
  const watching = telltale.$engine.watch(job.id);
  expect((await watching.next()).done).toBe(false);
  await watching.return();

  expect(names.length).toBeGreaterThan(1);
  expect(() => createWorker({ telltale, handlers: [handle(anything, async () => null)] })).toThrow(
    expect.objectContaining({
      code: "invalid_config",
      message: expect.stringContaining("tls.checkServerIdentity cannot be copied into the thread"),
    }),
  );
});

test("with lazyConnect, nothing connects and nothing is logged before the first call", async () => {
  const clients = async () => /connected_clients:\d+/.exec(await admin.info("clients"))?.[0];
  // The connections of earlier tests may still be closing.
  await eventually(async () => expect(await clients()).toBe("connected_clients:1"));
  const logged: unknown[] = [];
  const log = (...line: unknown[]) => void logged.push(line);
  const logger = { debug: log, info: log, warn: log, error: log };
  await using telltale = createTelltale({ jobs, redis: { path: server.socketPath, lazyConnect: true }, logger });

  expect(telltale.$engine.isConnected).toBe(false);
  expect(await clients()).toBe("connected_clients:1");
  await expect(telltale.anything.submit({})).resolves.toBeDefined();
  expect(logged).toEqual([]);
});

function ended<T extends { disconnect(): void }>(redis: T): T {
  onTestFinished(() => redis.disconnect());
  return redis;
}

/** An instance of a second copy of ioredis, which `instanceof` does not recognize. */
function anotherRedis(options: RedisOptions): Redis {
  const require = createRequire(import.meta.url);
  const loaded = Object.keys(require.cache).filter((file) => file.includes("/ioredis/"));
  const kept = loaded.map((file) => [file, require.cache[file]] as const);
  for (const file of loaded) delete require.cache[file];
  const copy: typeof import("ioredis") = require("ioredis");
  for (const [file, module] of kept) require.cache[file] = module;
  expect(copy.Redis).not.toBe(Redis);
  return new copy.Redis({ ...options, replyMapping: "legacy" });
}

/** Speaks TLS in front of the server, with the certificate of redis.test. */
async function tlsServer(): Promise<AddressInfo> {
  const tls = createServer({ cert: CERTIFICATE, key: KEY }, (socket) => {
    const plain = connect(server.socketPath);
    socket.pipe(plain).pipe(socket);
    for (const end of [socket, plain]) {
      end.on("error", () => {});
      end.on("close", () => {
        socket.destroy();
        plain.destroy();
      });
    }
  });
  tls.listen(0, "127.0.0.1");
  await once(tls, "listening");
  onTestFinished(() => void tls.close());
  const address = tls.address();
  if (typeof address === "object" && address !== null) return address;
  throw new Error("not listening on TCP");
}
