import { fileURLToPath } from "node:url";
import colors from "picocolors";
import pretty from "pino-pretty";
import { stackAccess, TOKEN_RENEWAL_MS } from "./operator.js";
import {
  findRunningStacks,
  isPortFree,
  type RunningStack,
  removeRunningStack,
  writeRunningStack,
} from "./running-stack.js";
import { wholeNumber } from "./settings.js";
import { startStack } from "./stack.js";
import { startText } from "./start-text.js";

const FOLDER = fileURLToPath(new URL("../../../.telltale", import.meta.url));

const log = pretty({
  colorize: colors.isColorSupported,
  ignore: "pid,hostname,name",
  messageFormat: "{name} {pid}: {msg}",
  translateTime: "SYS:HH:MM:ss",
  singleLine: true,
});

const stopping = new Promise<void>((resolve) => {
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
});

try {
  await start();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function start(): Promise<void> {
  const port = wholeNumber("PORT", { fallback: 3_000, min: 0, max: 65_535 });
  await assertNothingInTheWay(port);
  const access = await stackAccess(FOLDER, process.env);
  await using stack = await startStack({
    port,
    workers: wholeNumber("WORKERS", { fallback: 2, min: 1, max: 64 }),
    dataDir: `${FOLDER}/redis`,
    watch: process.argv.includes("--watch"),
    serverEnv: access.env,
    onStep: (text) => console.log(colors.dim(text)),
    onLine: (line) => log.write(`${line}\n`),
  });
  const announce = async (): Promise<RunningStack> => {
    const redis = process.env.REDIS_URL ? null : stack.redisUrl;
    const running = { pid: process.pid, url: stack.url, redis, token: (await access.operatorToken?.()) ?? null };
    await writeRunningStack(FOLDER, running);
    return running;
  };
  const running = await announce();
  const renewal = setInterval(() => {
    announce().catch((error: unknown) => console.error(`The operator's token could not be renewed: ${String(error)}`));
  }, TOKEN_RENEWAL_MS);
  const { allowsAnonymous } = access;
  console.log(`\n${startText({ url: stack.url, hasOperator: running.token !== null, allowsAnonymous })}\n`);
  await stopping;
  clearInterval(renewal);
  console.log(colors.dim("Stopping …"));
  await removeRunningStack(FOLDER, running);
}

/** Throws early, with a clear message, if another stack or another program would make the start fail. */
async function assertNothingInTheWay(port: number): Promise<void> {
  for (const { pid, url, redis } of await findRunningStacks(FOLDER)) {
    const hasSamePort = Number(new URL(url).port) === port;
    const wantsSameRedis = redis !== null && !process.env.REDIS_URL;
    if (!hasSamePort && !wantsSameRedis) continue;
    const other = hasSamePort || port === 0 ? Number(new URL(url).port) + 1 : port;
    throw new Error(
      [
        `npm start is already running here, at ${url} (process ${pid}).`,
        `Stop it with Ctrl-C in its terminal, or with: kill ${pid}`,
        redis === null
          ? `Or use another port: PORT=${other} npm start`
          : `Or start a second server and more workers on its Redis: PORT=${other} REDIS_URL=${redis} npm start`,
      ].join("\n"),
    );
  }
  if (port === 0 || (await isPortFree(port, process.env.HOST || "127.0.0.1"))) return;
  throw new Error(`Port ${port} is in use by another program. Use another port: PORT=${port + 1} npm start`);
}
