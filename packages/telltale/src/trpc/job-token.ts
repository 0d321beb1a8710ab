import { createHmac } from "node:crypto";
import { errors, jwtVerify, SignJWT } from "jose";

/** Signs and checks the rights to watch and cancel one job. */
export interface JobTokens {
  /**
   * Resolves once signing needs nothing but this process; rejects as the secrets' source does. Awaited before a job is
   * stored: afterwards "Redis does not answer; nothing was written" would be a lie.
   */
  ready(): Promise<void>;
  sign(jobId: string): Promise<string>;
  /** Whether this text is such a right, for this job, and still valid. Never rejects for what a caller sent. */
  permits(token: string, jobId: string): Promise<boolean>;
}

const AUDIENCE = "telltale:job";
const LIFETIME = "7d";

/**
 * Job tokens under one or more secrets: the first signs, all are accepted, so that a secret can be rotated. The signing
 * key is derived: a token of another purpose under the same secret is not a job token, and the reverse.
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

function refusal(error: unknown): false {
  if (error instanceof errors.JOSEError) return false;
  throw error;
}
