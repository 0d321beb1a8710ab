import { jobs } from "@telltale/contracts";
import { createGateway } from "@telltale/gateway";
import { createTelltale, firstLine } from "@telltale/queue";
import { pino } from "pino";
import { type Environment, readEnvironment } from "./environment.js";
import { createIdentify } from "./identify.js";
import { landingPage } from "./landing-page.js";
import { createAppRouter } from "./router.js";

const EXIT_FAILED = 1;
const EXIT_MISCONFIGURED = 2;

const environment = configured();
const logger = pino({ name: "server", level: environment.LOG_LEVEL });
const telltale = createTelltale({ jobs, redis: environment.REDIS_URL, logger });
const identify = createIdentify({ secrets: environment.AUTH_SECRET, anonymous: environment.anonymous });

const gateway = createGateway({
  router: createAppRouter(telltale, environment.AUTH_SECRET),
  createContext: ({ req, connectionParams }) => identify(connectionParams?.authorization ?? req.headers.authorization),
  origins: environment.ALLOWED_ORIGINS,
  ready: () => telltale.$engine.ping(),
  fallback: landingPage,
  logger,
});

try {
  await telltale.$ready();
  const { url } = await gateway.listen(environment.PORT, environment.HOST);
  logger.info({ url, pid: process.pid }, "server ready");
} catch (error) {
  fail(EXIT_FAILED, error);
}

for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => void stop());

async function stop(): Promise<void> {
  // A second signal ends it at once, by the default of its kind.
  await gateway.close();
  await telltale[Symbol.asyncDispose]();
  logger.info({}, "server stopped");
}

function configured(): Environment {
  try {
    return readEnvironment(process.env);
  } catch (error) {
    return fail(EXIT_MISCONFIGURED, error);
  }
}

function fail(code: number, error: unknown): never {
  process.stderr.write(`server: ${firstLine(error)}\n`);
  process.exit(code);
}
