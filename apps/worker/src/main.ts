import { jobs } from "@telltale/contracts";
import { pino } from "pino";
import { hasCode } from "telltale";
import { createTelltale, firstLine } from "telltale/server";
import { createWorker } from "telltale/worker";
import { readEnvironment } from "./environment.js";
import { createJudgeHandler } from "./handlers/judge.js";
import { keepHealthFile } from "./health-file.js";
import { createJudge } from "./judge/index.js";

// Compose and npm start bring Redis and workers up together, so one that is not there yet gets a moment.
const REDIS_WITHIN_MS = 10_000;

try {
  const environment = readEnvironment(process.env);
  const logger = pino({ name: "worker", level: environment.LOG_LEVEL });
  const telltale = createTelltale({ jobs, redis: environment.REDIS_URL, logger });
  await telltale.$ready(REDIS_WITHIN_MS);

  const judge = createJudge({ threads: environment.CONCURRENCY });
  const worker = createWorker({
    telltale,
    handlers: [createJudgeHandler(judge)],
    concurrency: environment.CONCURRENCY,
    leaseMs: environment.LEASE_MS,
    logger,
  });
  // What nobody caught leaves this process in an unknown state; the jobs in it need not suffer.
  process.once("uncaughtException", (error) => {
    logger.fatal({ error: firstLine(error) }, "uncaught: giving the jobs back");
    process.exitCode = 1;
    void worker.stop();
  });
  const ready = { queues: worker.queues, concurrency: environment.CONCURRENCY };
  // A start that fails is what `run` rejects with.
  void worker.start().then(
    () => {
      logger.info(ready, "worker ready");
      // Whoever started it with a channel is told so too, whatever is logged.
      process.send?.({ ready });
    },
    () => {},
  );
  const stopTelling = keepHealthFile(environment.HEALTH_FILE, () => worker.liveness);
  await worker.run();
  stopTelling();
  await judge.close();
  await telltale[Symbol.asyncDispose]();
  // A handler that ignored its signal must not keep the process.
  process.exit();
} catch (error) {
  // For whoever started it: one line, in which no password stands.
  process.stderr.write(`worker: ${firstLine(error)}\n`);
  process.exit(hasCode(error, "invalid_config") ? 2 : 1);
}
