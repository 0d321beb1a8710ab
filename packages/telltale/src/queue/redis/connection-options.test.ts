import { createSecureContext } from "node:tls";
import { Cluster, Redis, type RedisOptions } from "ioredis";
import { defineJob, defineJobs, handle } from "telltale";
import { createTelltale } from "telltale/server";
import { createWorker } from "telltale/worker";
import { expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { connectionOptions, type RedisSource } from "./connection-options.js";
import { OPTION_RULES } from "./option-rules.js";

const refusal = (message: string) =>
  expect.objectContaining({ code: "invalid_config", message: expect.stringContaining(message) });

/** An ioredis instance that never connects. */
function instance(options: RedisOptions): Redis {
  const redis = new Redis({ ...options, lazyConnect: true, replyMapping: "legacy" });
  onTestFinished(() => redis.disconnect());
  return redis;
}

test("options for sentinels, TLS and names of connections are kept, with their functions and objects", () => {
  const given: RedisOptions = {
    sentinels: [{ host: "a", port: 1 }],
    name: "main",
    sentinelUsername: "watcher",
    sentinelPassword: "s3cret",
    enableTLSForSentinelMode: true,
    sentinelTLS: { ca: Buffer.from("a") },
    natMap: { "a:1": { host: "b", port: 2 } },
    updateSentinels: false,
    connectionName: "shop",
    tls: { checkServerIdentity: () => undefined, secureContext: createSecureContext() },
    protocol: 2,
    connectTimeout: 1_234,
  };

  expect(connectionOptions({ ...given, username: undefined, password: undefined })).toEqual(given);
});

test.each<[keyof RedisOptions, unknown]>([
  ["keyPrefix", "x:"],
  ["retryStrategy", () => 1],
  ["retryStrategy", null],
  ["reconnectOnError", () => true],
  ["maxRetriesPerRequest", null],
  ["sentinelRetryStrategy", () => 1],
  ["commandTimeout", 1],
  ["socketTimeout", 1],
  ["enableOfflineQueue", true],
  ["enableAutoPipelining", true],
  ["role", "slave"],
  ["readOnly", true],
  ["stringNumbers", true],
  ["replyMapping", "resp3"],
  ["monitor", true],
  ["scripts", {}],
])("the ioredis option %s is refused by name at once, because Telltale would not use it", (name, value) => {
  expect(() => connectionOptions({ host: "127.0.0.1", [name]: value })).toThrow(
    refusal(`The option \`redis\` has the ioredis option ${name}. Remove it: `),
  );
  if (value === true || typeof value === "string" || typeof value === "number") {
    const url = `redis://127.0.0.1?${name}=${encodeURIComponent(value)}`;
    expect(() => connectionOptions(url)).toThrow(refusal(`The Redis URL has the ioredis option ${name}. Remove it: `));
  }
});

test("values of such options that mean what Telltale does anyway are accepted", () => {
  const given = {
    keyPrefix: "",
    role: "master",
    readOnly: false,
    stringNumbers: false,
    replyMapping: "legacy",
  } as const;

  expect(connectionOptions({ host: "a", ...given, enableAutoPipelining: false, reconnectOnError: null })).toEqual({
    host: "a",
  });
});

test.each<[string, RedisSource, string]>([
  ["a misspelt option", { sentinelPasword: "s3cret" } as RedisOptions, "the option sentinelPasword, which ioredis"],
  ["a misspelt option in a URL", "redis://a?ssl_cert_reqs=none", "The Redis URL has the option ssl_cert_reqs"],
  ["an invalid number", "redis://a?db=s3cret", "The option db in the Redis URL must be a whole number"],
  ["an invalid boolean", "redis://a?noDelay=s3cret", "The option noDelay in the Redis URL must be true or false"],
  ["an object in a URL", "redis://a?sentinels=s3cret", "The option sentinels does not fit into a Redis URL"],
  ["an invalid database", "redis://a/s3cret", "The path of a Redis URL must be the number of a database"],
  ["a bare #", "redis://default:12#s3cret@a", "write it as %23"],
  ["a bare ?", "redis://default:8?s3cret@a:6379/0", "write it as %3F"],
  ["a bare %", "redis://:100%s3cret@a", "Write it as %25"],
  ["a TLS profile that ioredis does not have", "rediss://a?tls=s3cret", "unknown value of tls"],
  ["a sentinel without the name of its servers", { sentinels: [{ host: "a" }] }, "Set name to the name of the group"],
  ["an ioredis Cluster", cluster() as never, "Telltale does not support Redis Cluster"],
  ["a client of another library", { on() {}, sendCommand() {}, options: {} } as never, "or an ioredis instance"],
  ["a port", 6379 as never, "must be a URL, the path of a unix socket"],
  ["null", null as never, "must be a URL, the path of a unix socket"],
])("%s is refused by name, and no value is repeated", (_, source, message) => {
  expect(() => connectionOptions(source)).toThrow(refusal(message));
  expect(() => connectionOptions(source)).not.toThrow(/s3cret/);
});

test("a URL's parts and its options are those that ioredis reads from it", () => {
  const url = "rediss://me%40here:p%25@[::1]:7000/3?connectionName=shop&connectTimeout=1500&noDelay=false&family=6";

  expect(connectionOptions(url)).toEqual({
    ...{ tls: {}, username: "me@here", password: "p%", host: "::1", port: 7_000, db: 3 },
    ...{ connectionName: "shop", connectTimeout: 1_500, noDelay: false, family: 6 },
  });
  expect(connectionOptions("rediss://a?tls=RedisCloudFixed")).toEqual({ host: "a", tls: "RedisCloudFixed" });
  expect(connectionOptions("/tmp/redis.sock?db=2")).toEqual({ path: "/tmp/redis.sock", db: 2 });
});

test("the options of an ioredis instance are kept, and defaults of ioredis count as not set", () => {
  const redis = instance({ host: "a", sentinelPassword: "s3cret", tls: { servername: "b" } });

  const options = connectionOptions(redis);

  expect(options).toMatchObject({ host: "a", sentinelPassword: "s3cret", tls: { servername: "b" } });
  for (const name of ["retryStrategy", "maxRetriesPerRequest", "connectTimeout"])
    expect(options).not.toHaveProperty(name);
});

test("an option that an ioredis instance was given and that Telltale would not use is refused by name", () => {
  expect(() => connectionOptions(instance({ maxRetriesPerRequest: null }))).toThrow(
    refusal("The ioredis instance has the ioredis option maxRetriesPerRequest. Remove it, or pass other options"),
  );
});

test("every option of ioredis that is used can be in a URL, or is an object", () => {
  const objects = Object.entries(OPTION_RULES).filter(([, rule]) => rule.use && !("inUrl" in rule));

  expect(objects.map(([name]) => name)).toEqual(["Connector", "sentinels", "sentinelTLS", "natMap"]);
});

test.each<[string, RedisOptions, string]>([
  ["tls.checkServerIdentity", { tls: { checkServerIdentity: () => undefined } }, "Set tls.servername"],
  ["tls.secureContext", { tls: { secureContext: createSecureContext() } }, "Pass ca, cert and key"],
  ["natMap", { natMap: () => null }, "Pass natMap as an object"],
  ["Connector", { Connector: unconnected() }, "Use only options that can be copied"],
])("a worker refuses %s by name, because its lease thread cannot use it", async (name, options, remedy) => {
  const job = defineJob("a", { input: z.null(), output: z.null() });
  const redis = { host: "127.0.0.1", port: 1, lazyConnect: true, ...options };
  await using telltale = createTelltale({ jobs: defineJobs(job), redis, logger: false });

  const work = () => createWorker({ telltale, handlers: [handle(job, async () => null)] });

  expect(work).toThrow(refusal(`The ioredis option ${name} cannot be copied into the thread`));
  expect(work).toThrow(refusal(remedy));
});

function cluster(): Cluster {
  return new Cluster([{ host: "127.0.0.1", port: 1 }], { lazyConnect: true });
}

/** A connector that is never asked to connect. */
function unconnected(): NonNullable<RedisOptions["Connector"]> {
  return class {
    connecting = false;
    disconnect(): void {}
  } as never;
}
