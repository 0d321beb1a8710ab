import type { JobUpdate } from "./job-update.js";

// What the feed keeps, plus the derived first event. A reader that reads at once gets all of it.
const TRANSITIONS_KEPT = 65;

/**
 * The updates that wait for a watcher: transitions in order, and between two of them only the latest change. It holds as many
 * transitions as a feed. If there are more, it is emptied, and the watcher gets one snapshot instead.
 */
export class Mailbox {
  #updates: JobUpdate[] = [];
  #transitions = 0;

  /** Returns false if there was no room. The mailbox is empty then. */
  push(update: JobUpdate): boolean {
    const last = this.#updates.at(-1);
    if (last && last.position.seq === update.position.seq && last.position.rev > 0) {
      // If a snapshot is replaced before it is read, the watcher must still learn that it missed something.
      this.#updates[this.#updates.length - 1] = last.reset ? { ...update, reset: true } : update;
      return true;
    }
    if (update.position.rev === 0 && this.#transitions === TRANSITIONS_KEPT) {
      this.#updates = [];
      this.#transitions = 0;
      return false;
    }
    if (update.position.rev === 0) this.#transitions += 1;
    this.#updates.push(update);
    return true;
  }

  shift(): JobUpdate | undefined {
    const update = this.#updates.shift();
    if (update?.position.rev === 0) this.#transitions -= 1;
    return update;
  }
}
