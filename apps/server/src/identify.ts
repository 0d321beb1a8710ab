import { createHash, randomBytes } from "node:crypto";
import { decodeJwt, errors, jwtVerify } from "jose";
import type { Subject } from "telltale/trpc";

/** The caller, as identified by the bearer token. */
export interface Identity {
  readonly subject: Subject | null;
  /** A bearer token that gives access to one job instead of identifying a user. */
  readonly jobToken: string | undefined;
}

const UNKNOWN: Identity = { subject: null, jobToken: undefined };
const SESSION_PATTERN = /^anon_[A-Za-z0-9_-]{43}$/;

/**
 * Creates the function that identifies a caller by the `Authorization` header. A JWT signed (HS256) with AUTH_SECRET
 * identifies the user in `sub` until `exp`, who is an operator if `role` says so. With anonymous sessions, the user id is the hash
 * of a secret that only the caller knows. Without a header, each call is a new anonymous user, who can reach a job only
 * with the token that `submit` returned.
 */
export function createIdentify(
  options: Readonly<{ secrets: readonly string[]; anonymous: boolean }>,
): (authorization: string | undefined) => Promise<Identity> {
  const keys = options.secrets.map((secret) => new TextEncoder().encode(secret));
  return async (authorization) => {
    if (authorization === undefined) return options.anonymous ? newUser() : UNKNOWN;
    const bearer = /^Bearer ([A-Za-z0-9._~+/=-]{1,4096})$/i.exec(authorization)?.[1];
    if (bearer === undefined) return UNKNOWN;
    if (SESSION_PATTERN.test(bearer)) return options.anonymous ? session(bearer) : UNKNOWN;
    if (isJobToken(bearer)) {
      return { ...(options.anonymous ? newUser() : UNKNOWN), jobToken: bearer };
    }
    return { subject: await verified(bearer, keys), jobToken: undefined };
  };
}

function newUser(): Identity {
  const { subject } = session(randomBytes(32).toString("hex"));
  return { subject: subject && { ...subject, isTransient: true }, jobToken: undefined };
}

function session(secret: string): Identity {
  const id = `anon:${createHash("sha256").update(secret).digest("base64url")}`;
  return { subject: { id, isAnonymous: true }, jobToken: undefined };
}

// Only detects a job token. The router verifies it against the job.
function isJobToken(bearer: string): boolean {
  try {
    return decodeJwt(bearer).aud === "telltale:job";
  } catch {
    return false;
  }
}

async function verified(bearer: string, keys: readonly Uint8Array[]): Promise<Subject | null> {
  for (const key of keys) {
    try {
      const { payload } = await jwtVerify(bearer, key, { algorithms: ["HS256"] });
      // A token issued for another service is not accepted.
      if (payload.aud !== undefined || payload.sub === undefined || payload.sub.startsWith("anon:")) return null;
      const expiresAt = payload.exp === undefined ? undefined : new Date(payload.exp * 1_000);
      return { id: payload.sub, operator: payload.role === "operator", ...(expiresAt && { expiresAt }) };
    } catch (error) {
      if (!(error instanceof errors.JOSEError)) throw error;
    }
  }
  return null;
}
