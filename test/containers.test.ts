import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { jobs } from "@telltale/contracts";
import { findRedisServer } from "@telltale/local-redis";
import { waitFor } from "@telltale/testkit";
import { GATEWAY_LIMITS } from "telltale/gateway";
import { createTelltale } from "telltale/server";
import { beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { readEnvironment as serverEnvironment } from "../apps/server/src/environment.js";
import { readEnvironment as workerEnvironment } from "../apps/worker/src/environment.js";
import { contextFiles } from "../scripts/lib/build-stages.mjs";
import { readServices } from "../scripts/lib/compose.mjs";
import { imageOf, readStages } from "../scripts/lib/dockerfile.mjs";

const SECRETS = {
  AUTH_SECRET: "a".repeat(64),
  REDIS_PASSWORD: "b".repeat(64),
  REDIS_SERVER_PASSWORD: "c".repeat(64),
  REDIS_WORKER_PASSWORD: "d".repeat(64),
};
/** A worker's `graceMs` plus the time to give jobs back: see packages/telltale/src/worker/settings.ts and worker.ts. */
const WORKER_STOPS_WITHIN_MS = 12_000;
const APPS = { server: serverEnvironment, worker: workerEnvironment };
const FILES = { "docker-compose.yml": {}, "compose.prod.yml": SECRETS };

const stages = readStages();
const textOf = (file: string): string => readFileSync(file, "utf8");

interface LockFile {
  readonly importers: Readonly<Record<string, { dependencies?: Record<string, { version: string }> }>>;
  readonly snapshots: Readonly<Record<string, { dependencies?: Record<string, string> }>>;
}

/** The packages that `pnpm deploy --prod` installs, by the lock file. Peers are part of it. */
function installedFor(app: string): string[] {
  const lock: LockFile = parse(textOf("pnpm-lock.yaml"));
  const names = new Set<string>();
  const seen = new Set<string>();
  const add = (name: string, version: string, from: string): void => {
    const folder = version.startsWith("link:") ? join(from, version.slice("link:".length)) : null;
    const key = folder ?? `${name}@${version}`;
    if (seen.has(key)) return;
    seen.add(key);
    names.add(name);
    for (const [each, found] of Object.entries(lock.snapshots[key]?.dependencies ?? {})) add(each, found, from);
    if (folder !== null) addImporter(folder);
  };
  const addImporter = (folder: string): void => {
    for (const [name, { version }] of Object.entries(lock.importers[folder]?.dependencies ?? {})) {
      add(name, version, folder);
    }
  };
  addImporter(app);
  return [...names];
}

describe("the Dockerfile", () => {
  let context: readonly string[] = [];
  beforeAll(async () => {
    context = await contextFiles();
  });

  test("copies only files of the build context and folders of earlier stages, and every stage has its own name", () => {
    const seen = new Set<string>();
    for (const { name, from, instructions } of stages) {
      expect(seen.has(from) || /^node:2\d-\w+-slim$/.test(from), from).toBe(true);
      for (const { keyword, words, flags, text } of instructions) {
        if (keyword !== "COPY") continue;
        const [source = ""] = words;
        if (flags.from !== undefined) expect(seen, text).toContain(flags.from);
        else if (source !== ".") for (const file of words.slice(0, -1)) expect(context, text).toContain(file);
      }
      expect(seen, name).not.toContain(name);
      seen.add(name);
    }
  });

  test("gets the sources, but no secrets, tests, build output or installed packages", () => {
    expect(context).toContain("packages/telltale/src/queue/scripts/lifecycle/claim.lua");
    expect(context.filter((file) => /(^|\/)(node_modules|dist|test|\.git|\.env)(\/|$)/.test(file))).toEqual([]);
  });

  test.each(["apps/server", "apps/worker"])("installs no compiler and no build tool for %s", (app) => {
    const installed = installedFor(app);

    expect(installed).toContain("zod");
    expect(installed.filter((name) => /typescript|esbuild|tsx|biome|vitest/.test(name))).toEqual([]);
  });

  test("takes the version of pnpm from package.json, which is the only file that names it", () => {
    const files = spawnSync("git", ["grep", "-lE", String.raw`pnpm@[0-9]+\.`], { encoding: "utf8" }).stdout;

    expect(files.trim()).toBe("package.json");
  });

  test.each(["server", "worker"])(
    "runs the %s as an unprivileged user under an init process, from files that its app has",
    (name) => {
      const image = imageOf(stages, name);

      expect(image).toMatchObject({ user: "node", entrypoint: ["tini", "--"], env: { NODE_ENV: "production" } });
      for (const command of [image?.command, image?.health]) {
        expect(command).toMatchObject(["node", expect.stringMatching(/^dist\/\w+\.js$/)]);
        const source = command?.[1]?.replace("dist/", `apps/${name}/src/`).replace(".js", ".ts") ?? "";
        expect(existsSync(source), source).toBe(true);
      }
      expect(textOf("Dockerfile")).toContain(`--filter ${name} deploy --prod --offline out/${name}\n`);
      expect(textOf("Dockerfile")).toContain(`COPY --from=build /src/out/${name} ./\n`);
    },
  );
});

describe.each(Object.entries(FILES))("%s", (file, secrets: Readonly<Record<string, string>>) => {
  const services = readServices(file, secrets);
  const apps = Object.entries(services).filter(([, { build }]) => build !== undefined);

  test("has Redis, the server and workers, built from targets that exist", () => {
    expect(Object.keys(services)).toEqual(["redis", "server", "worker"]);
    for (const [name, { build }] of apps) {
      expect(build).toEqual({ context: ".", target: name });
      expect(imageOf(stages, build.target), name).not.toBeNull();
    }
  });

  test("sets only variables that the app reads, and the app starts with them", () => {
    for (const name of ["server", "worker"] as const) {
      const { environment } = services[name];
      const source = textOf(`apps/${name}/src/environment.ts`);
      for (const variable of Object.keys(environment)) expect(source).toMatch(new RegExp(`^ {2}${variable}: z`, "m"));

      const env = APPS[name]({ ...imageOf(stages, name)?.env, ...environment });
      const redis = new URL(env.REDIS_URL);
      expect([redis.hostname, redis.port]).toEqual(["redis", "6379"]);
      // In development there is no password.
      const password = secrets[`REDIS_${name.toUpperCase()}_PASSWORD`];
      expect([redis.username, redis.password]).toEqual(password === undefined ? ["", ""] : [name, password]);
    }
  });

  test("publishes ports only to this machine, and only ports that the server listens on", () => {
    const image = imageOf(stages, "server");
    expect(services.server.ports).toEqual([`127.0.0.1:3000:${image?.env.PORT}`]);
    expect(image?.ports).toEqual([image?.env.PORT]);
    expect(services.redis.ports ?? []).toEqual(file === "docker-compose.yml" ? ["127.0.0.1:6379:6379"] : []);
    expect(services.worker.ports).toBeUndefined();
  });

  test("waits for a healthy Redis, and gives every service enough time for a graceful shutdown", () => {
    expect(services.redis.healthcheck.test.join(" ")).toContain("grep -q PONG");
    for (const [name, { depends_on, stop_grace_period, restart }] of apps) {
      expect(depends_on, name).toEqual({ redis: { condition: "service_healthy" } });
      const stopMs = Number.parseInt(stop_grace_period, 10) * 1_000;
      expect(stopMs, name).toBeGreaterThan(Math.max(GATEWAY_LIMITS.graceMs, WORKER_STOPS_WITHIN_MS) + 2_000);
      // A worker whose handler hangs exits, and relies on being restarted.
      expect(restart, name).toBe("unless-stopped");
    }
  });

  test("gives services no privileges that they do not need", () => {
    for (const [name, service] of Object.entries(services)) {
      expect(service, name).toMatchObject({
        ...{ read_only: true, cap_drop: ["ALL"], security_opt: ["no-new-privileges:true"] },
      });
      if (service.build) expect(service.tmpfs, name).toEqual(["/tmp"]);
      else expect(service, name).toMatchObject({ user: "redis", image: expect.stringMatching(/:\d[\w.-]+$/) });
    }
    expect(imageOf(stages, "worker")?.env.HEALTH_FILE).toMatch(/^\/tmp\//);
  });

  test("keeps jobs across a restart, and refuses new jobs instead of evicting stored ones", () => {
    const command = services.redis.command.join(" ");

    expect(command).toContain("--appendonly yes --appendfsync everysec");
    expect(command).toContain("--maxmemory-policy noeviction");
    expect(services.redis.volumes).toEqual(["redis:/data"]);
    expect(textOf(file)).toMatch(/^volumes:\n {2}redis:\n/m);
  });
});

test("the production example requires its secrets, contains none, and accepts no anonymous callers", () => {
  for (const name of Object.keys(SECRETS)) {
    expect(() => readServices("compose.prod.yml", { ...SECRETS, [name]: "" })).toThrow(`${name} is not set`);
  }
  expect(readServices("compose.prod.yml", SECRETS).server.environment).not.toHaveProperty("ALLOW_ANONYMOUS");
});

test("the Redis of the production example has a user with a password for each app, and no command line shows a password", async () => {
  const binary = await findRedisServer();
  const { entrypoint, command, environment } = readServices("compose.prod.yml", SECRETS).redis;
  const folder = await mkdtemp(join(tmpdir(), "telltale-compose-"));
  const socket = join(folder, "redis.sock");
  const [program, ...flags] = entrypoint;
  const script = command[0].replace("redis-server -", `redis-server - --port 0 --unixsocket ${socket} --dir ${folder}`);
  const path = [dirname(binary.path), process.env.PATH].join(delimiter);

  const child = spawn(program, [...flags, script], { env: { ...environment, ...binary.env, PATH: path } });
  try {
    await waitFor(() => existsSync(socket));
    expect(await ask(socket, "PING")).toMatch(/^-NOAUTH/);
    expect(await ask(socket, `AUTH ${SECRETS.REDIS_PASSWORD}\r\nCONFIG GET maxmemory*`)).toMatch(
      /^\+OK[\s\S]*noeviction/,
    );
    for (const [name, password] of [
      ["server", SECRETS.REDIS_SERVER_PASSWORD],
      ["worker", SECRETS.REDIS_WORKER_PASSWORD],
    ] as const) {
      // Each can do what its app needs, and nothing else.
      const { REDIS_URL } = APPS[name](readServices("compose.prod.yml", SECRETS)[name].environment);
      expect(new URL(REDIS_URL).password).toBe(password);
      const telltale = createTelltale({ jobs, redis: { path: socket, username: name, password }, logger: false });
      telltale.$engine.require(...(name === "worker" ? (["worker"] as const) : (["limits", "secret"] as const)));
      await telltale.$ready().finally(() => telltale[Symbol.asyncDispose]());
      expect(await ask(socket, `AUTH ${name} ${password}\r\nFLUSHALL\r\nGET other`)).toMatch(
        /^\+OK\r\n-NOPERM .*flushall.*\r\n-NOPERM .*key/,
      );
    }
    if (existsSync("/proc")) {
      const line = textOf(`/proc/${child.pid}/cmdline`);
      expect(line).toContain("redis-server");
      for (const secret of Object.values(SECRETS)) expect(line).not.toContain(secret);
    }
  } finally {
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await gone;
    await rm(folder, { recursive: true, force: true });
  }
});

/** Sends commands to Redis over its socket and resolves with the reply. */
function ask(path: string, lines: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ path }).once("error", reject);
    let said = "";
    socket.on("data", (data) => {
      said += data;
    });
    socket.once("close", () => resolve(said));
    socket.end(`${lines}\r\n`);
  });
}
