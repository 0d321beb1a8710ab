import type { Connection } from "./redis/commands.js";
import { queueNamesKey } from "./redis/keys.js";
import { toTelltaleError } from "./redis/redis-error.js";
import { CONNECTION_WAIT_MS, whenReady } from "./redis/when-ready.js";

// A script, because a full Redis would refuse ZADD, and a worker must be able to start then.
const ADD_AND_READ = `#!lua flags=allow-oom
for _, name in ipairs(ARGV) do redis.call('ZADD', KEYS[1], 0, name) end
return redis.call('ZRANGE', KEYS[1], 0, -1)`;

/** The names of all queues that processes with this prefix have ever used, which are stored in Redis. */
export class QueueNames {
  readonly #redis: Connection;
  readonly #key: string;

  constructor(redis: Connection, prefix: string) {
    this.#redis = redis;
    this.#key = queueNamesKey(prefix);
  }

  /** Stores the names of the queues that this process uses. Returns all names. Safe to call twice. */
  async add(names: readonly string[]): Promise<string[]> {
    await whenReady(this.#redis, CONNECTION_WAIT_MS);
    try {
      const all: unknown = await this.#redis.eval(ADD_AND_READ, 1, this.#key, ...names);
      return Array.isArray(all) ? all.map(String) : [];
    } catch (error) {
      throw toTelltaleError(error, { wasSentOnce: false });
    }
  }

  /** Returns all names, and for each of these keys whether it exists, in one round trip. */
  async readWith(keys: readonly string[]): Promise<{ readonly names: string[]; readonly exist: boolean[] }> {
    await whenReady(this.#redis, CONNECTION_WAIT_MS);
    const reading = this.#redis.pipeline();
    reading.zrange(this.#key, "0", "-1");
    for (const key of keys) reading.exists(key);
    try {
      const replies = ((await reading.exec()) ?? []).map(([error, reply]) => {
        if (error) throw error;
        return reply;
      });
      const [names, ...counts] = replies;
      return { names: Array.isArray(names) ? names.map(String) : [], exist: counts.map((count) => count === 1) };
    } catch (error) {
      throw toTelltaleError(error, { wasSentOnce: false });
    }
  }
}
