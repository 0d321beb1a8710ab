import { randomBytes } from "node:crypto";
import { link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { isIP } from "node:net";
import { join } from "node:path";
import { SignJWT } from "jose";

const TOKEN_LIFE = "1h";
/** How often the token is renewed: well before it expires. */
export const TOKEN_RENEWAL_MS = 30 * 60_000;

/** How the server of a stack authenticates callers. */
export interface StackAccess {
  /** Added to the server's environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Whether callers without a token may submit jobs. */
  readonly allowsAnonymous: boolean;
  /** Signs a token for an operator; null if other machines can reach the server. */
  readonly operatorToken: (() => Promise<string>) | null;
}

/**
 * On loopback, the user who starts the stack can be its operator. Tokens are signed with AUTH_SECRET, or with a secret
 * that is created for this folder and kept in it. If other machines can reach the server, its settings are not changed.
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
  // The server refuses to start with an AUTH_SECRET that has no secret.
  if (env.AUTH_SECRET !== undefined) return { env: {}, allowsAnonymous: false, operatorToken: null };
  const secret = await keptSecret(folder);
  // With only a secret, the server would refuse anonymous callers, which it accepts on loopback without one.
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

// Kept between runs, so that the token of a job is still valid after a restart.
async function keptSecret(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const file = join(folder, "auth-secret");
  const aside = `${file}.${process.pid}`;
  await writeFile(aside, randomBytes(32).toString("hex"), { mode: 0o600 });
  try {
    // Fails if the file exists already, so two stacks that start together read the same secret.
    await link(aside, file).catch(() => {});
    return (await readFile(file, "utf8")).trim();
  } finally {
    await rm(aside, { force: true });
  }
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}
