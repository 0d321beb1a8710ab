/** The form of kinds. A kind is part of job ids and Redis keys, and a property of every client. */
export const KIND_PATTERN = /^[a-z][A-Za-z0-9._-]{0,63}$/;

/** The form of job ids: `<kind>_<UUIDv7 in hex>`. A kind may contain underscores, so the last underscore separates the two. */
export const JOB_ID_PATTERN = /^[a-z][A-Za-z0-9._-]{0,63}_[0-9a-f]{32}$/;

/** The form of other names: idempotency keys, unique keys, tags, queues and schedules. */
export const KEY_PATTERN = /^[A-Za-z0-9._:-]{1,128}$/;

/**
 * Creates a unique job id for this kind. It contains a UUIDv7 (RFC 9562) with 62 random bits. The other twelve bits, `rand_a`, are 0: they
 * are kept for the number of a partition, so that an id can lead to its part of a queue.
 */
export function newJobId(kind: string): string {
  const version = 0x7000;
  const variant = 0x8000 | (random16() & 0x3fff);
  const time = Date.now().toString(16).padStart(12, "0").slice(-12);
  return `${kind}_${time}${hex16(version)}${hex16(variant)}${hex16(random16())}${hex16(random16())}${hex16(random16())}`;
}

function hex16(number: number): string {
  return number.toString(16).padStart(4, "0");
}

// Random numbers are drawn in bulk, because each call of `getRandomValues` takes longer than all else that an id needs.
const pool = new Uint16Array(1024);
let left = 0;

function random16(): number {
  if (left === 0) {
    crypto.getRandomValues(pool);
    left = pool.length;
  }
  left -= 1;
  return pool[left] ?? 0;
}

/** Returns when an id was created, ms since 1970, by the clock of the process that created it. */
export function timeOfJobId(id: string): number {
  const hex = id.slice(id.lastIndexOf("_") + 1);
  return Number.parseInt(hex.slice(0, 12), 16);
}

/** Returns the kind in a job id, or null if the text is not a job id. */
export function kindOfJobId(id: string): string | null {
  return typeof id === "string" && JOB_ID_PATTERN.test(id) ? id.slice(0, id.lastIndexOf("_")) : null;
}
