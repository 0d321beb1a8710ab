import { randomBytes } from "node:crypto";
import { testRedis, waitFor } from "@telltale/testkit";
import { initTRPC } from "@trpc/server";
import { Redis, type RedisOptions } from "ioredis";
import { defineJob, defineJobs, handle, transformer } from "telltale";
import { createGateway } from "telltale/gateway";
import { createTelltale, type Telltale } from "telltale/server";
import { createJobsRouter } from "telltale/trpc";
import { createWorker } from "telltale/worker";
import { afterAll, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { z } from "zod";
import { minimalRules, missingPermissions } from "../../src/queue/redis/permissions.js";
import { type Logged, memoryLogger } from "../worker/harness.js";

const mail = defineJob("mail", { input: z.object({}), output: z.null() });
const report = defineJob("report", { input: z.object({}), output: z.null() });
const jobs = defineJobs(mail, report);
const handlers = [handle(mail, async () => null), handle(report, async () => null)];

const server = await testRedis();
const admin = new Redis(server.url);
afterAll(async () => {
  admin.disconnect();
  await server.stop();
});

const ALL = ["~*", "&*", "+@all"];
let prefix: string;
let user: string;
let logged: Logged[];
beforeEach(() => {
  prefix = `t${randomBytes(4).toString("hex")}`;
  user = `user-${prefix}`;
  logged = [];
});

/** Creates the user with these rules, and nothing else, and returns how to connect as this user. */
async function allow(...rules: readonly string[]): Promise<RedisOptions> {
  await admin.acl("SETUSER", user, "reset", "on", ">pw", ...rules);
  return { path: server.socketPath, username: user, password: "pw" };
}

function open(redis: RedisOptions): Telltale<typeof jobs> {
  const telltale = createTelltale({ jobs, redis, prefix, logger: memoryLogger(logged) });
  onTestFinished(() => telltale[Symbol.asyncDispose]());
  return telltale;
}

const lacking = (rules: string) =>
  expect.objectContaining({
    code: "unsupported_redis",
    message: expect.stringContaining(
      `The Redis user ${user} lacks permissions that this process needs. Run ACL SETUSER ${user} ${rules}.`,
    ),
  });

test("a user without channels, as Redis 7 creates them, is refused by name at start-up, and no job is created", async () => {
  const telltale = open(await allow("~*", "+@all"));

  await expect(telltale.$ready()).rejects.toEqual(lacking(`&${prefix}:{*`));
  await expect(telltale.mail.submit({})).rejects.toEqual(lacking(`&${prefix}:{*`));
  await expect(createWorker({ telltale, handlers }).start()).rejects.toEqual(lacking(`&${prefix}:{*`));

  expect(await admin.keys(`${prefix}:*`)).toEqual([]);
});

test("a submit without an earlier $ready is refused too, and creates no job", async () => {
  const telltale = open(await allow("~*", "+@all"));

  await expect(telltale.mail.submit({})).rejects.toEqual(lacking(`&${prefix}:{*`));

  expect(await admin.keys(`${prefix}:*`)).toEqual([]);
});

test("/readyz fails while permissions are missing, and succeeds when they are granted", async () => {
  const telltale = open(await allow("~*", "+@all"));
  const t = initTRPC.create({ transformer });
  await using gateway = createGateway({
    router: t.router({}),
    createContext: () => ({}),
    ready: () => telltale.$engine.ping(),
  });
  const { url } = await gateway.listen(0);
  const status = async () => (await fetch(new URL("/readyz", url))).status;

  expect(await status()).toBe(503);
  await allow(...ALL);
  expect(await status()).toBe(200);
});

test("/readyz fails within 30 s after permissions are revoked", async () => {
  const telltale = open(await allow(...ALL));
  await telltale.$engine.ping();
  await admin.acl("SETUSER", user, "-zadd");
  const now = performance.now.bind(performance);
  const clock = vi.spyOn(performance, "now").mockImplementation(() => now() + 31_000);
  onTestFinished(() => clock.mockRestore());

  const error = await waitFor(() =>
    telltale.$engine.ping().then(
      () => null,
      (refusal: unknown) => refusal,
    ),
  );

  expect(error).toEqual(lacking("+zadd"));
});

test("the permissions of a worker's user are checked, and a worker without them ends instead of waiting for ever", async () => {
  const telltale = open(await allow(...ALL, "-brpop", "-srandmember"));
  await telltale.$ready();
  const worker = createWorker({ telltale, handlers });

  await expect(worker.run()).rejects.toEqual(lacking("+brpop +srandmember"));
});

test("permissions for a jobs router that is created after $ready are checked, and missing ones are logged", async () => {
  const telltale = open(await allow(...ALL, "-incrby", "-pttl"));
  await telltale.$ready();
  const t = initTRPC.create({ transformer });

  createJobsRouter(telltale, { procedure: t.procedure, subject: () => null, submit: [] });

  const line = await waitFor(() => logged.find(({ message }) => message === "redis cannot be used"));
  expect(line.data.error).toContain(`Run ACL SETUSER ${user} +incrby +pttl.`);
  await expect(telltale.$engine.ping()).rejects.toEqual(lacking("+incrby +pttl"));
});

test("a user without INFO can submit and work, and one log line says what is not checked", async () => {
  // ioredis says on stderr that it does without INFO.
  vi.spyOn(console, "warn").mockImplementation(() => {});
  onTestFinished(() => void vi.restoreAllMocks());
  const telltale = open(await allow(...minimalRules(["jobs", "worker"], prefix), "-info"));
  await using worker = createWorker({ telltale, handlers, pollMs: 10 });
  await worker.start();

  expect(await (await telltale.mail.submit({})).result()).toMatchObject({ ok: true });
  await waitFor(async () => Number(await admin.zcard(`${prefix}:{mail}:completed`)) > 0);

  const troubles = logged.filter(({ level }) => level === "warn" || level === "error");
  expect(troubles.map(({ message }) => message)).toEqual([
    "the redis user may not run INFO: maxmemory-policy is not checked, and no room is made when redis is nearly full",
  ]);
});

test("a user without EVAL is refused by name", async () => {
  const telltale = open(await allow(...ALL, "-eval"));

  await expect(telltale.$ready()).rejects.toEqual(lacking("+eval. Others cannot be checked without EVAL"));
});

test.for(["jobs", "worker"] as const)(
  "the documented permissions for %s are sufficient, and each command that is revoked is named",
  async (use) => {
    const uses = new Set(["jobs", use] as const);
    const rules = minimalRules(uses, prefix);
    const redis = new Redis({ ...(await allow(...rules)), replyMapping: "legacy" });
    onTestFinished(() => redis.disconnect());
    const asked = { uses, prefix, queues: ["mail", "report"], connection: {} };
    expect(await missingPermissions(redis, asked)).toEqual([]);

    const needed = rules.filter((rule) => rule.startsWith("+") && rule !== "+info");
    expect(needed.length).toBeGreaterThan(30);
    for (const rule of needed) {
      await admin.acl("SETUSER", user, rule.replace("+", "-"));
      expect(await missingPermissions(redis, asked)).toEqual([rule]);
      await admin.acl("SETUSER", user, rule);
    }
  },
);

test.for<[string, string[], string]>([
  ["no keys", ["&*", "+@all"], "~PREFIX:{*"],
  ["the keys of other applications", ["~other:*", "&*", "+@all"], "~PREFIX:{*"],
  ["keys only for reading", ["%R~*", "&*", "+@all"], "~PREFIX:{*"],
  ["the keys of another queue", ["~PREFIX:{mail}:*", "&*", "+@all"], "~PREFIX:{report}:*"],
  [
    "the jobs but not the errors of a queue",
    ["~*:{report}:*", "~*:{mail}:[a-df-z]*", "&*", "+@all"],
    "~PREFIX:{mail}:*",
  ],
  ["the channels of another queue", ["~*", "&PREFIX:{mail}:*", "+@all"], "&PREFIX:{report}:*"],
  ["neither keys nor channels", ["+@all"], "~PREFIX:{* &PREFIX:{*"],
  ["nothing at all but EVAL", ["+eval"], "+brpop"],
])("the error for a user with %s says what to grant", async ([, rules, missing]) => {
  const redis = await allow(...rules.map((rule) => rule.replace("PREFIX", prefix)));
  const telltale = open(redis);
  telltale.$engine.require("worker");

  await expect(telltale.$ready()).rejects.toMatchObject({
    message: expect.stringContaining(`ACL SETUSER ${user} ${missing.replaceAll("PREFIX", prefix)}`),
  });
});

test("a database and a connection name need permissions, because ioredis ignores their errors", async () => {
  const redis = await allow(...ALL, "-select", "-client");
  const telltale = open({ ...redis, db: 2, connectionName: "shop" });

  // ioredis reports that SELECT was refused, and then uses database 0.
  await expect(waitFor(() => telltale.$ready().catch((error: unknown) => isLasting(error)))).resolves.toEqual(
    lacking("+client|setname +select"),
  );
});

function isLasting(error: unknown): unknown {
  return error instanceof Error && "code" in error && error.code === "unsupported_redis" ? error : null;
}
