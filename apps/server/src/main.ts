import { jobs } from "@telltale/contracts";
import { pino } from "pino";
import { hasCode } from "telltale";
import { createGateway } from "telltale/gateway";
import { createTelltale, firstLine } from "telltale/server";
import { readEnvironment } from "./environment.js";
import { createIdentify } from "./identify.js";
import { landingPage } from "./landing-page.js";
import { createAppRouter } from "./router.js";

// Compose and npm start start Redis and servers together, so wait a moment for Redis.
const REDIS_WITHIN_MS = 10_000;

try {
  const environment = readEnvironment(process.env);
  const logger = pino({ name: "server", level: environment.LOG_LEVEL });
  const telltale = createTelltale({ jobs, redis: environment.REDIS_URL, logger });
  // Comes first, so that the permissions for it are checked too.
  const router = createAppRouter(telltale, environment.AUTH_SECRET);
  await telltale.$ready(REDIS_WITHIN_MS);

  const identify = createIdentify({ secrets: environment.AUTH_SECRET, anonymous: environment.anonymous });
  const gateway = createGateway({
    router,
    // Over HTTP, connectionParams are part of the URL, which must not contain a token.
    createContext: ({ req, connectionParams, transport }) =>
      identify((transport === "ws" ? connectionParams?.authorization : undefined) ?? req.headers.authorization),
    origins: environment.ALLOWED_ORIGINS,
    trustProxy: environment.TRUST_PROXY,
    ready: () => telltale.$engine.ping(),
    fallback: landingPage,
    logger,
  });
  const { url } = await gateway.listen(environment.PORT, environment.HOST);
  logger.info({ url }, "server ready");
  // Tells the parent process, which cannot rely on the log line: LOG_LEVEL may hide it.
  process.send?.({ ready: { url } });

  const stop = async (): Promise<void> => {
    await gateway.close();
    await telltale[Symbol.asyncDispose]();
    logger.info({}, "server stopped");
  };
  // `once`, so that a second signal ends the process at once.
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => void stop());
} catch (error) {
  // One line, without passwords.
  process.stderr.write(`server: ${firstLine(error)}\n`);
  process.exit(hasCode(error, "invalid_config") ? 2 : 1);
}
