import { availableParallelism } from "node:os";
import { TelltaleError } from "telltale";
import { z } from "zod";

const LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;

const Environment = z.object({
  REDIS_URL: z.string().default("redis://127.0.0.1:6379"),
  /** Submissions judged at the same time; each has a core to itself by default. */
  CONCURRENCY: z.coerce
    .number("is not a number")
    .int()
    .min(1)
    .max(256)
    .default(() => availableParallelism()),
  /** How long a job outlives a worker that died with it. */
  LEASE_MS: z.coerce.number("is not a number").int().min(300).max(3_600_000).default(30_000),
  /** A file to write to while the worker gets its work, for whoever checks; see health-file.ts. */
  HEALTH_FILE: z.string().default(""),
  LOG_LEVEL: z.enum(LEVELS).default("info"),
});

/** How the worker is told to run. */
export type Environment = z.output<typeof Environment>;

/** Reads the environment; what is empty counts as not set. Throws `invalid_config` naming the variable, never its value. */
export function readEnvironment(env: NodeJS.ProcessEnv): Environment {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ""));
  const parsed = Environment.safeParse(set);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new TelltaleError("invalid_config", `${issue?.path.join(".")}: ${issue?.message}`);
}
