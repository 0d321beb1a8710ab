import type { Redis } from "ioredis";

/**
 * The memory of all keys together, as `MEMORY USAGE` with all samples counts it: values, key names and their entries. The tables in
 * which Redis finds keys are left out: they grow in steps of a factor of two.
 */
export async function keyBytes(redis: Redis): Promise<number> {
  let bytes = 0;
  let cursor = "0";
  do {
    const [next, keys] = await redis.scan(cursor, "COUNT", 1_000);
    const sizes = await Promise.all(keys.map((key) => redis.memory("USAGE", key, "SAMPLES", 0)));
    for (const size of sizes) bytes += Number(size ?? 0);
    cursor = next;
  } while (cursor !== "0");
  return bytes;
}
