import { createClock } from "@telltale/testkit";
import type { Redis } from "ioredis";
import type { JobToStore } from "../../../src/queue/record/job-to-store.js";
import { queueKeys } from "../../../src/queue/redis/keys.js";
import type { JobRecord } from "../../../src/queue/scripts/reading/read.js";
import type { ScriptTarget } from "../../../src/queue/scripts/run-script.js";
import type { SubmitRequest } from "../../../src/queue/submit/submit-request.js";
import { type Harness, scriptsOn } from "../harness.js";
import type { ScriptTexts } from "./scripts.js";

/** A queue whose scripts may contain a fault, for a check to test. */
export interface Subject extends Harness {
  readonly target: ScriptTarget;
  /** Errors of scripts that crashed instead of replying. A fault that crashes its script proves nothing. */
  readonly crashes: readonly string[];
  key(name: string): string;
  submit(
    options?: Readonly<Partial<SubmitRequest> & { attempts?: number; limitKeys?: JobToStore["limitKeys"] }>,
  ): Promise<string>;
  read(id: string): Promise<JobRecord>;
}

const LUA_ERROR = /user_script:\d+: |nonexistent global|compil/;

/** Replaces the scripts of a harness, with a clock of their own so that each starts at the same time. */
export function subjectOf(h: Harness, texts: ScriptTexts): Subject {
  const clock = createClock();
  const keys = queueKeys(h.prefix, "resize");
  const crashes: string[] = [];
  const redis = withTexts(h.redis, texts, crashes);
  const target: ScriptTarget = { redis, keys, clock: () => clock.now(), losses: () => 0 };
  const scriptsWith = scriptsOn(target);
  const scripts = scriptsWith({});
  return {
    ...h,
    scripts,
    clock,
    target,
    crashes,
    scriptsWith,
    key: (name) => `${h.prefix}:{resize}:${name}`,
    async submit({ attempts, limitKeys, ...options } = {}) {
      const job = await h.telltale.$engine.prepare({ kind: "resize", input: { width: 1 }, ...options });
      const [answer] = await scripts.submit([
        { ...job, attempts: attempts ?? job.attempts, limitKeys: limitKeys ?? job.limitKeys },
      ]);
      return answer?.[1] ?? "";
    },
    async read(id) {
      const record = await scripts.read(id);
      if (!record) throw new Error(`There is no job ${id}`);
      return record;
    },
  };
}

// The engine calls scripts by digest and gets the changed script for that digest.
function withTexts(redis: Redis, texts: ScriptTexts, crashes: string[]): Redis {
  return new Proxy(redis, {
    get(target, name) {
      if (name === "evalsha") {
        return async (sha: string, keys: number, ...rest: string[]): Promise<unknown> => {
          try {
            return await target.eval(texts.get(sha) ?? "", keys, ...rest);
          } catch (error) {
            if (LUA_ERROR.test(String(error))) crashes.push(String(error));
            throw error;
          }
        };
      }
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
