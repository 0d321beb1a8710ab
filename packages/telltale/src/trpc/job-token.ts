import { createHmac } from "node:crypto";
import { errors, jwtVerify, SignJWT } from "jose";
import { TelltaleError } from "../core/index.js";

/** Signs and checks job tokens, which permit to watch and cancel one job. */
export interface JobTokens {
  /**
   * Resolves once the secrets are loaded, and rejects if they cannot be. Awaited before a job is stored, because later an error
   * would wrongly say that nothing was written.
   */
  ready(): Promise<void>;
  sign(jobId: string): Promise<string>;
  /** Whether a token is valid for this job and has not expired. Never rejects because of what a caller sent. */
  permits(token: string, jobId: string): Promise<boolean>;
}

const MIN_SECRET = 32;
const AUDIENCE = "telltale:job";
const LIFETIME = "7d";

/**
 * Creates job tokens with one or more secrets. The first one signs, and all are accepted, so that they can be rotated. The signing
 * key is derived from the secret, so tokens that serve another purpose with the same secret are not accepted as job tokens, nor
 * the other way round.
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
      if (!key) throw new Error("No secret to sign job tokens with");
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
