import { randomBytes } from "node:crypto";
import { link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { isIP } from "node:net";
import { join } from "node:path";
import { SignJWT } from "jose";

const TOKEN_LIFE = "1h";
/** How often a new token is needed: well before the one in use expires. */
export const TOKEN_RENEWAL_MS = 30 * 60_000;

/** How the server of a stack checks who is calling. */
export interface StackAccess {
  /** What the server's environment gets in addition. */
  readonly env: Readonly<Record<string, string>>;
  /** Whether callers without a token may submit jobs. */
  readonly allowsAnonymous: boolean;
  /** Signs a token for an operator; null where the server can be reached from outside this machine. */
  readonly operatorToken: (() => Promise<string>) | null;
}

/**
 * On loopback, whoever starts the stack can be its operator: tokens are signed with AUTH_SECRET, or with a secret made for
 * this folder and kept in it. A server that can be reached from outside is left as the environment says.
 */
export async function stackAccess(folder: string, env: NodeJS.ProcessEnv): Promise<StackAccess> {
  const isAnonymousAsked = env.ALLOW_ANONYMOUS === "1";
  const [given = ""] = (env.AUTH_SECRET ?? "").split(",").map((secret) => secret.trim());
  if (!isLoopback(env.HOST || "127.0.0.1")) {
    return { env: {}, allowsAnonymous: isAnonymousAsked, operatorToken: null };
  }
  if (given !== "") {
    return { env: {}, allowsAnonymous: isAnonymousAsked, operatorToken: () => signOperator(given) };
  }
  const secret = await keptSecret(folder);
  // With a secret the server would refuse anonymous callers, which it accepts on loopback otherwise.
  const added = { AUTH_SECRET: secret, ALLOW_ANONYMOUS: "1" };
  return { env: added, allowsAnonymous: true, operatorToken: () => signOperator(secret) };
}

function signOperator(secret: string): Promise<string> {
  return new SignJWT({ role: "operator" })
    .setProtectedHeader({ alg: "HS256" })
    .setSubject("operator")
    .setExpirationTime(TOKEN_LIFE)
    .sign(new TextEncoder().encode(secret));
}

// Kept between runs, so that the token of a job is still good after a restart.
async function keptSecret(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const file = join(folder, "auth-secret");
  const aside = `${file}.${process.pid}`;
  await writeFile(aside, randomBytes(32).toString("hex"), { mode: 0o600 });
  try {
    // Fails where there is one already; of two that start together, both read the same.
    await link(aside, file).catch(() => {});
    return (await readFile(file, "utf8")).trim();
  } finally {
    await rm(aside, { force: true });
  }
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}
