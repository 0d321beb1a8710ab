import { createHmac, webcrypto } from "node:crypto";
import { errors, jwtVerify, SignJWT } from "jose";
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
const LIFETIME = "7d";

/**
 * Creates job tokens with one or more secrets. The first one signs, and all are accepted, so that secrets can be rotated. The
 * signing key is derived from the secret. So if a secret also signs other tokens, those are not valid as job tokens, and job
 * tokens are not valid as those.
 */
export function createJobTokens(secrets: () => Promise<readonly string[]>): JobTokens {
  let keys: Promise<readonly webcrypto.CryptoKey[]> | null = null;
  const derived = (): Promise<readonly webcrypto.CryptoKey[]> => {
    keys ??= secrets()
      .then((all) => Promise.all(all.map(keyOf)))
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
      return new SignJWT({})
        .setProtectedHeader({ alg: "HS256" })
        .setSubject(jobId)
        .setAudience(AUDIENCE)
        .setExpirationTime(LIFETIME)
        .sign(key);
    },
    async permits(token, jobId) {
      for (const key of await derived()) {
        const options = { algorithms: ["HS256"], audience: AUDIENCE, subject: jobId };
        const valid = await jwtVerify(token, key, options).then(() => true, refusal);
        if (valid) return true;
      }
      return false;
    },
  };
}

// Imported once, because importing takes as long as signing.
function keyOf(secret: string): Promise<webcrypto.CryptoKey> {
  const bytes = createHmac("sha256", secret).update(AUDIENCE).digest();
  return webcrypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign", "verify"]);
}

/** Throws `invalid_config` unless there are secrets and all are long enough. Anyone could sign with an empty one. */
export function assertSecrets(secrets: readonly string[]): void {
  if (secrets.length > 0 && secrets.every((secret) => secret.trim().length >= MIN_SECRET)) return;
  throw new TelltaleError(
    "invalid_config",
    `\`secrets\` of a jobs router needs one or more secrets of at least ${MIN_SECRET} characters. Leave it out to use a random one`,
  );
}

function refusal(error: unknown): false {
  if (error instanceof errors.JOSEError) return false;
  throw error;
}
