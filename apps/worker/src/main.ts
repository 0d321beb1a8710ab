import { jobs } from "@telltale/contracts";
import { pino } from "pino";
import { hasCode } from "telltale";
import { createTelltale, firstLine } from "telltale/server";
import { createWorker } from "telltale/worker";
import { readEnvironment } from "./environment.js";
import { createJudgeHandler } from "./handlers/judge.js";
import { keepHealthFile } from "./health-file.js";
import { createJudge } from "./judge/index.js";

// Compose and npm start start Redis and workers together, so wait a moment for Redis.
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
    name: environment.WORKER_NAME,
    concurrency: environment.CONCURRENCY,
    leaseMs: environment.LEASE_MS,
    logger,
  });
  const ready = { queues: worker.queues, concurrency: environment.CONCURRENCY };
  // If the start fails, `run` rejects with the error.
  void worker.start().then(
    () => {
      logger.info(ready, "worker ready");
      // Tells the parent process, which cannot rely on the log line: LOG_LEVEL may hide it.
      process.send?.({ ready });
    },
    () => {},
  );
  const stopTelling = keepHealthFile(environment.HEALTH_FILE, () => worker.liveness);
  await worker.run();
  stopTelling();
  await judge.close();
  await telltale[Symbol.asyncDispose]();
  // A handler that ignores its signal must not keep the process alive.
  process.exit();
} catch (error) {
  // One line, without passwords.
  process.stderr.write(`worker: ${firstLine(error)}\n`);
  process.exit(hasCode(error, "invalid_config") ? 2 : 1);
}
