import { createHmac, timingSafeEqual } from "node:crypto";
import { TelltaleError } from "../core/index.js";

/** Signs and checks job tokens. A token permits watching and cancelling one job. */
export interface JobTokens {
  /**
   * Resolves when the secrets are loaded, and rejects if they cannot be loaded. Await it before storing a job: an error after
   * that would wrongly say that nothing was written.
   */
  ready(): Promise<void>;
  /** Returns a token for this job, which expires after 7 days. */
  sign(jobId: string): Promise<string>;
  /** Returns whether a token is valid for this job and has not expired. Returns false for malformed tokens. */
  permits(token: string, jobId: string): Promise<boolean>;
}

const MIN_SECRET = 32;
const AUDIENCE = "telltale:job";
const LIFETIME_S = 7 * 24 * 60 * 60;
const HEADER = encoded({ alg: "HS256" });

/**
 * Creates job tokens with one or more secrets. The first one signs, and all are accepted, so that secrets can be rotated. The
 * signing key is derived from the secret. So if a secret also signs other tokens, those are not valid as job tokens, and job
 * tokens are not valid as those.
 *
 * The tokens are JWTs with the algorithm HS256. They are signed and checked here, because the Web Crypto API, which JWT libraries use,
 * does that in threads: it took longer than to store the job, and every submit and every watch waits for it.
 */
export function createJobTokens(secrets: () => Promise<readonly string[]>): JobTokens {
  let keys: Promise<readonly Buffer[]> | null = null;
  const derived = (): Promise<readonly Buffer[]> => {
    keys ??= secrets()
      .then((all) => all.map((secret) => createHmac("sha256", secret).update(AUDIENCE).digest()))
      .catch((error: unknown) => {
        keys = null;
        throw error;
      });
    return keys;
  };
  return {
    async ready() {
      await derived();
    },
    async sign(jobId) {
      const [key] = await derived();
      if (!key)
        throw new Error("There is no secret to sign job tokens. Set `secrets` of the jobs router, or leave it out");
      const signed = `${HEADER}.${encoded({ sub: jobId, aud: AUDIENCE, exp: nowS() + LIFETIME_S })}`;
      return `${signed}.${signatureOf(signed, key).toString("base64url")}`;
    },
    async permits(token, jobId) {
      const keys = await derived();
      const [header = "", payload = "", signature = "", ...more] = token.split(".");
      const given = Buffer.from(signature, "base64url");
      const isSigned = keys.some((key) => isEqual(given, signatureOf(`${header}.${payload}`, key)));
      if (!isSigned || more.length > 0 || decoded(header).alg !== "HS256") return false;
      const { sub, aud, exp } = decoded(payload);
      return sub === jobId && aud === AUDIENCE && typeof exp === "number" && exp > nowS();
    },
  };
}

function signatureOf(text: string, key: Buffer): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

function isEqual(one: Buffer, other: Buffer): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}

function encoded(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString("base64url");
}

// Only for what was signed with our key.
function decoded(part: string): Readonly<Record<string, unknown>> {
  return Object(JSON.parse(Buffer.from(part, "base64url").toString()));
}

function nowS(): number {
  return Math.floor(Date.now() / 1_000);
}

/** Throws `invalid_config` unless there are secrets and all are long enough. Anyone could sign with an empty one. */
export function assertSecrets(secrets: readonly string[]): void {
  if (secrets.length > 0 && secrets.every((secret) => secret.trim().length >= MIN_SECRET)) return;
  throw new TelltaleError(
    "invalid_config",
    `\`secrets\` of a jobs router needs one or more secrets of at least ${MIN_SECRET} characters. Leave it out to use a random one`,
  );
}
