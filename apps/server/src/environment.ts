import { isIP } from "node:net";
import { TelltaleError } from "telltale";
import { z } from "zod";

const LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;

const list = (text: string): string[] =>
  text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");

const Environment = z.object({
  REDIS_URL: z.string().default("redis://127.0.0.1:6379"),
  HOST: z.string().default("127.0.0.1"),
  PORT: z.coerce.number("must be a number").int().min(0).max(65_535).default(3_000),
  /** One secret, or two separated by a comma during a rotation. The first one signs. */
  AUTH_SECRET: z
    .string()
    .transform(list)
    .refine(
      (secrets) => secrets.length > 0,
      "is set but has no secret, which would let anyone in. Give one of at least 32 characters, or remove the variable",
    )
    .refine((secrets) => secrets.every((secret) => secret.length >= 32), "each secret must have at least 32 characters")
    .default([]),
  ALLOW_ANONYMOUS: z
    .enum(["0", "1", ""])
    .transform((flag) => flag === "1")
    .default(false),
  ALLOWED_ORIGINS: z.string().transform(list).default([]),
  TRUST_PROXY: z.coerce.number("must be a number").int().min(0).max(16).default(0),
  LOG_LEVEL: z.enum(LEVELS).default("info"),
});

/** The settings of the server. */
export type Environment = z.output<typeof Environment> & {
  /** Whether callers without a signed token get an anonymous session. */
  readonly anonymous: boolean;
};

/**
 * Reads the environment. Empty variables count as not set, except AUTH_SECRET. Throws `invalid_config` with the name of a wrong variable,
 * never its value, and if other machines could reach the server although neither AUTH_SECRET nor ALLOW_ANONYMOUS is
 * set.
 */
export function readEnvironment(env: NodeJS.ProcessEnv): Environment {
  // An empty AUTH_SECRET is a mistake in a deployment, such as a secret that could not be read.
  const isSet = ([name, value]: [string, string | undefined]): boolean =>
    value !== undefined && (value !== "" || name === "AUTH_SECRET");
  const set = Object.fromEntries(Object.entries(env).filter(isSet));
  const parsed = Environment.safeParse(set);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new TelltaleError("invalid_config", `${issue?.path.join(".")}: ${issue?.message}`);
  }
  const { HOST, AUTH_SECRET, ALLOW_ANONYMOUS } = parsed.data;
  if (!isLoopback(HOST) && AUTH_SECRET.length === 0 && !ALLOW_ANONYMOUS) {
    throw new TelltaleError(
      "invalid_config",
      `HOST=${HOST} can be reached from other machines. Set AUTH_SECRET, or ALLOW_ANONYMOUS=1 if anyone may submit jobs.`,
    );
  }
  return { ...parsed.data, anonymous: ALLOW_ANONYMOUS || AUTH_SECRET.length === 0 };
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}
