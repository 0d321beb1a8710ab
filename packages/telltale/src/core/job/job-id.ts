/** A kind is the name of a contract. It is part of job ids and of Redis keys, and a property of every client. */
export const KIND_PATTERN = /^[a-z][A-Za-z0-9._-]{0,63}$/;

/** `<kind>_<uuidv7 in hex>`: an id tells the kind of its job. A kind may have underscores, so the last one divides them. */
export const JOB_ID_PATTERN = /^[a-z][A-Za-z0-9._-]{0,63}_[0-9a-f]{32}$/;

/** Other names people choose: idempotency keys, unique keys, tags, queues. */
export const KEY_PATTERN = /^[A-Za-z0-9._:-]{1,128}$/;

/** A fresh id, unique without coordination and rising with the clock of this process (UUIDv7, RFC 9562). */
export function newJobId(kind: string): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  new DataView(bytes.buffer).setUint16(6, 0x7000 | ((((bytes[6] ?? 0) << 8) | (bytes[7] ?? 0)) & 0x0fff));
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${kind}_${Date.now().toString(16).padStart(12, "0").slice(-12)}${hex.slice(12)}`;
}

/** When an id was made, ms since 1970, by the clock of the process that made it. */
export function timeOfJobId(id: string): number {
  const hex = id.slice(id.lastIndexOf("_") + 1);
  return Number.parseInt(hex.slice(0, 12), 16);
}

/** The kind in an id, or null where the text is not a job id. */
export function kindOfJobId(id: string): string | null {
  return typeof id === "string" && JOB_ID_PATTERN.test(id) ? id.slice(0, id.lastIndexOf("_")) : null;
}
