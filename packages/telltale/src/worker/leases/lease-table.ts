import type { Lease } from "../../queue/internal.js";
import { type HeldLease, leaseKey } from "./lease-protocol.js";

/** A slot: two numbers, and then a lease as text. Names of queues and ids are ASCII, and together shorter than 400 characters. */
const SLOT_BYTES = 512;
const NUMBERS_BYTES = 8;
const NUMBERS_A_SLOT = SLOT_BYTES / Int32Array.BYTES_PER_ELEMENT;
/** How often a reader looks again at a slot that is being written, which takes less than a microsecond. */
const LOOKS = 1_000;

/**
 * The leases that a worker holds, in memory that its lease thread shares. The main thread writes, and the thread reads when it has
 * something to do, so that a job costs no message between the two. The first number of a slot counts its changes and is odd during one;
 * the second is the length of the text, or 0 if the slot is free.
 */
export class LeaseTable {
  readonly memory: SharedArrayBuffer;
  readonly #numbers: Int32Array;
  readonly #bytes: Buffer;

  constructor(memory: SharedArrayBuffer) {
    this.memory = memory;
    this.#numbers = new Int32Array(memory);
    this.#bytes = Buffer.from(memory);
  }

  static withSlots(slots: number): LeaseTable {
    return new LeaseTable(new SharedArrayBuffer(slots * SLOT_BYTES));
  }

  get size(): number {
    return this.memory.byteLength / SLOT_BYTES;
  }

  /** For the main thread. */
  write(slot: number, lease: HeldLease): void {
    const { queue, id, fence, timeoutMs, retryInMs, attempt, since, heldAt } = lease;
    const text = `${queue}\n${id}\n${fence}\n${timeoutMs}\n${retryInMs}\n${attempt}\n${since}\n${heldAt}`;
    const first = slot * NUMBERS_A_SLOT;
    Atomics.add(this.#numbers, first, 1);
    this.#bytes.write(text, slot * SLOT_BYTES + NUMBERS_BYTES, SLOT_BYTES - NUMBERS_BYTES, "latin1");
    Atomics.store(this.#numbers, first + 1, text.length);
    Atomics.add(this.#numbers, first, 1);
  }

  /** For the main thread. */
  clear(slot: number): void {
    const first = slot * NUMBERS_A_SLOT;
    Atomics.add(this.#numbers, first, 1);
    Atomics.store(this.#numbers, first + 1, 0);
    Atomics.add(this.#numbers, first, 1);
  }

  /** For the thread: all leases. Leaves out those that are being written. */
  *values(): Generator<HeldLease> {
    for (let slot = 0; slot < this.size; slot++) {
      const text = this.#read(slot);
      if (text !== "") yield parsed(text);
    }
  }

  /** For the thread. */
  has(lease: Lease): boolean {
    const key = leaseKey(lease);
    for (const held of this.values()) if (leaseKey(held) === key) return true;
    return false;
  }

  // Reads again if the slot was changed meanwhile.
  #read(slot: number): string {
    const first = slot * NUMBERS_A_SLOT;
    const from = slot * SLOT_BYTES + NUMBERS_BYTES;
    for (let look = 0; look < LOOKS; look++) {
      const before = Atomics.load(this.#numbers, first);
      const text = this.#bytes.toString("latin1", from, from + Atomics.load(this.#numbers, first + 1));
      if (before % 2 === 0 && Atomics.load(this.#numbers, first) === before) return text;
    }
    return "";
  }
}

function parsed(text: string): HeldLease {
  const [queue = "", id = "", ...numbers] = text.split("\n");
  const [fence = 0, timeoutMs = 0, retryInMs = 0, attempt = 0, since = 0, heldAt = 0] = numbers.map(Number);
  return { queue, id, fence, timeoutMs, retryInMs, attempt, since, heldAt };
}
