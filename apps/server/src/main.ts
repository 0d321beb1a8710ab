import { jobs } from "@telltale/contracts";
import { pino } from "pino";
import { hasCode } from "telltale";
import { createGateway } from "telltale/gateway";
import { createTelltale, firstLine } from "telltale/server";
import { readEnvironment } from "./environment.js";
import { createIdentify } from "./identify.js";
import { landingPage } from "./landing-page.js";
import { createAppRouter } from "./router.js";

// Compose and npm start bring Redis and servers up together, so one that is not there yet gets a moment.
const REDIS_WITHIN_MS = 10_000;

try {
  const environment = readEnvironment(process.env);
  const logger = pino({ name: "server", level: environment.LOG_LEVEL });
  const telltale = createTelltale({ jobs, redis: environment.REDIS_URL, logger });
  await telltale.$ready(REDIS_WITHIN_MS);

  const identify = createIdentify({ secrets: environment.AUTH_SECRET, anonymous: environment.anonymous });
  const gateway = createGateway({
    router: createAppRouter(telltale, environment.AUTH_SECRET),
    // Over HTTP connectionParams are part of the address, and no token belongs there.
    createContext: ({ req, connectionParams, transport }) =>
      identify((transport === "ws" ? connectionParams?.authorization : undefined) ?? req.headers.authorization),
    origins: environment.ALLOWED_ORIGINS,
    ready: () => telltale.$engine.ping(),
    fallback: landingPage,
    logger,
  });
  const { url } = await gateway.listen(environment.PORT, environment.HOST);
  logger.info({ url }, "server ready");
  // Whoever started it with a channel is told so too, whatever is logged.
  process.send?.({ ready: { url } });

  const stop = async (): Promise<void> => {
    await gateway.close();
    await telltale[Symbol.asyncDispose]();
    logger.info({}, "server stopped");
  };
  // A second signal has the effect of its kind: it ends the process at once.
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => void stop());
} catch (error) {
  // For whoever started it: one line, in which no password stands.
  process.stderr.write(`server: ${firstLine(error)}\n`);
  process.exit(hasCode(error, "invalid_config") ? 2 : 1);
}
