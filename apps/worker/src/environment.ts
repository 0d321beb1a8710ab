import { availableParallelism } from "node:os";
import { TelltaleError } from "telltale";
import { z } from "zod";

const LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;

const Environment = z.object({
  REDIS_URL: z.string().default("redis://127.0.0.1:6379"),
  /** How many submissions are judged at the same time. By default one per core. */
  CONCURRENCY: z.coerce
    .number("must be a number")
    .int()
    .min(1)
    .max(256)
    .default(() => availableParallelism()),
  /** The name under which operators see the worker. By default the host name and the process id. */
  WORKER_NAME: z.string().optional(),
  /** The lease in ms: how long a job waits for a worker that died while it ran the job. */
  LEASE_MS: z.coerce.number("must be a number").int().min(300).max(3_600_000).default(30_000),
  /** A file that the worker writes while it is healthy, for the container's health check. See health-file.ts. */
  HEALTH_FILE: z.string().default(""),
  LOG_LEVEL: z.enum(LEVELS).default("info"),
});

/** The settings of the worker. */
export type Environment = z.output<typeof Environment>;

/**
 * Reads the environment. Empty variables count as not set. Throws `invalid_config` with a variable's name, not its
 * value.
 */
export function readEnvironment(env: NodeJS.ProcessEnv): Environment {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ""));
  const parsed = Environment.safeParse(set);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new TelltaleError("invalid_config", `${issue?.path.join(".")}: ${issue?.message}`);
}
