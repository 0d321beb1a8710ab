import { spawn } from "node:child_process";
import { chmodSync, lstatSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { importSource } from "./lib/from-source.mjs";
import { setup } from "./lib/setup.mjs";

// CI has no Docker. This script runs the steps of the Dockerfile in an empty folder, and starts the result as
// compose.prod.yml would, with only the files that are in the images.
await setup();
const { buildStages } = await import("./lib/build-stages.mjs");
const { readServices } = await import("./lib/compose.mjs");
const { imageOf, readStages } = await import("./lib/dockerfile.mjs");
const { startRedis } = await importSource("packages/local-redis/src/index.ts");

const WORKERS = 3;
const SECRETS = {
  AUTH_SECRET: "a".repeat(64),
  REDIS_PASSWORD: "b".repeat(64),
  REDIS_SERVER_PASSWORD: "c".repeat(64),
  REDIS_WORKER_PASSWORD: "d".repeat(64),
};
const SUBMISSION = {
  problem: "sum",
  language: "javascript",
  source: "const solve = ({ numbers }) => numbers.reduce((a, b) => a + b, 0);",
};

const folder = mkdtempSync(join(tmpdir(), "telltale-images-"));
const running = [];
let redis;
try {
  process.exitCode = (await main()) ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  for (const { child } of running) child.kill("SIGKILL");
  await redis?.stop();
  changeMode(folder, 0o200);
  rmSync(folder, { recursive: true, force: true });
}

async function main() {
  const stages = readStages();
  await buildStages(stages, folder);
  for (const name of ["server", "worker"]) changeMode(join(folder, name), -0o222);

  const port = await freePort();
  const services = readServices("compose.prod.yml", SECRETS);
  const config = { requirepass: SECRETS.REDIS_PASSWORD, "maxmemory-policy": "noeviction", ...usersOf(services.redis) };
  redis = await startRedis({ port, config });
  const start = (service, more = {}) =>
    launch(imageOf(stages, service), service, { ...services[service].environment, ...more });
  // Replaces the network of the containers: host names and ports.
  const urlOf = (service) => service.environment.REDIS_URL.replace("@redis:6379", `@127.0.0.1:${port}`);
  const serverPort = await freePort();
  const server = start("server", { REDIS_URL: urlOf(services.server), HOST: "127.0.0.1", PORT: String(serverPort) });
  const workers = Array.from({ length: WORKERS }, (_, i) =>
    start("worker", { REDIS_URL: urlOf(services.worker), HEALTH_FILE: join(folder, `healthy-${i}`) }),
  );
  await Promise.all([server.line(/"server ready"/), ...workers.map((worker) => worker.line(/"worker ready"/))]);
  console.log(`started     server and ${WORKERS} workers, from read-only folders, with production dependencies only`);

  const verdict = await judge(`http://127.0.0.1:${serverPort}/trpc`);
  console.log(`judged      ${verdict}`);
  const health = await Promise.all([server, ...workers].map((one) => one.becomesHealthy()));
  console.log(`healthy     ${health.filter(Boolean).length} of ${health.length}, by the health checks of the images`);
  const ends = await Promise.all([...workers, server].map((one) => one.stop()));
  console.log(
    `stopped     ${ends.filter((code) => code === 0).length} of ${ends.length} with exit code 0 after SIGTERM`,
  );
  const printed = [server, ...workers].flatMap((one) => one.said).join("\n");
  const isQuiet = !Object.values(SECRETS).some((secret) => printed.includes(secret));
  console.log(`secrets     ${isQuiet ? "none in the output" : "FOUND IN THE OUTPUT"}`);
  return verdict === "accepted" && health.every(Boolean) && ends.every((code) => code === 0) && isQuiet;
}

/** The Redis users of the compose file, as directives of redis.conf. */
function usersOf({ command }) {
  const users = command[0].matchAll(/^user (\w+) (.*)$/gm);
  return Object.fromEntries(
    Array.from(users, ([, name, rules]) => [`user ${name}`, rules.replace(/\$(\w+)/g, (_, secret) => SECRETS[secret])]),
  );
}

/** Starts the command of an image in its folder, with only the environment of the image and its service. */
function launch(image, name, environment) {
  const env = { ...image.env, ...environment };
  const cwd = join(folder, name, image.workdir);
  const node = ([command, ...args]) => {
    if (command !== "node") throw new Error(`${name} is started by ${command}, but this script supports only node`);
    return spawn(process.execPath, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  };
  const child = node(image.command);
  const said = [];
  const waiting = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", (line) => {
      said.push(line);
      for (const { pattern, resolve } of waiting) if (pattern.test(line)) resolve(line);
    });
  }
  const exited = new Promise((resolve) => child.once("exit", (code, signal) => resolve(code ?? signal)));
  const one = {
    ...{ child, said },
    line: (pattern) =>
      Promise.race([
        new Promise((resolve) => waiting.push({ pattern, resolve })),
        exited.then((code) => Promise.reject(new Error(`${name} ended with ${code}:\n${said.join("\n")}`))),
      ]),
    async becomesHealthy() {
      for (let tries = 0; tries < 20; tries++) {
        const check = node(image.health);
        if ((await new Promise((resolve) => check.once("exit", resolve))) === 0) return true;
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
      return false;
    },
    async stop() {
      child.kill("SIGTERM");
      return await exited;
    },
  };
  running.push(one);
  return one;
}

/** Submits a program as a user whose token is signed with AUTH_SECRET, and polls until it is judged. */
async function judge(url) {
  const { createRequire } = await import("node:module");
  const { SignJWT } = await import(
    createRequire(new URL("../apps/server/package.json", import.meta.url)).resolve("jose")
  );
  const token = await new SignJWT({ sub: "ann" })
    .setProtectedHeader({ alg: "HS256" })
    .setExpirationTime("1h")
    .sign(new TextEncoder().encode(SECRETS.AUTH_SECRET));
  const call = async (procedure, json) => {
    const headers = { "content-type": "application/json", authorization: `Bearer ${token}` };
    const response = await fetch(`${url}/${procedure}`, { method: "POST", headers, body: JSON.stringify({ json }) });
    const { result, error } = await response.json();
    if (error) throw new Error(`${procedure}: ${error.json.message}`);
    return result.data.json;
  };
  const { id } = await call("submit", { kind: "judge", input: SUBMISSION });
  for (let tries = 0; tries < 100; tries++) {
    const job = await call("get", { id });
    if (job.status === "completed") return job.output.verdict;
    if (job.status === "failed") return `failed: ${job.error.code}`;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return "no verdict in 20 s";
}

async function freePort() {
  const { createServer } = await import("node:net");
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Adds permissions to a folder and everything in it, or removes them if `change` is negative. */
function changeMode(path, change) {
  const stats = lstatSync(path);
  if (stats.isSymbolicLink()) return;
  const mode = change < 0 ? stats.mode & ~-change : stats.mode | change;
  if (change > 0) chmodSync(path, mode);
  if (stats.isDirectory()) for (const name of readdirSync(path)) changeMode(join(path, name), change);
  if (change < 0) chmodSync(path, mode);
}
