/** The form of kinds. A kind is part of job ids and Redis keys, and a property of every client. */
export const KIND_PATTERN = /^[a-z][A-Za-z0-9._-]{0,63}$/;

/** The form of job ids: `<kind>_<UUIDv7 in hex>`. A kind may contain underscores, so the last underscore separates the two. */
export const JOB_ID_PATTERN = /^[a-z][A-Za-z0-9._-]{0,63}_[0-9a-f]{32}$/;

/** The form of other names: idempotency keys, unique keys, tags, queues and schedules. */
export const KEY_PATTERN = /^[A-Za-z0-9._:-]{1,128}$/;

/**
 * Creates a unique job id for this kind. It contains a UUIDv7 (RFC 9562), so later ids sort after earlier ones of this process.
 */
export function newJobId(kind: string): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  new DataView(bytes.buffer).setUint16(6, 0x7000 | ((((bytes[6] ?? 0) << 8) | (bytes[7] ?? 0)) & 0x0fff));
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${kind}_${Date.now().toString(16).padStart(12, "0").slice(-12)}${hex.slice(12)}`;
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
