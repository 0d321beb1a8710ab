import type { JobUpdate } from "./job-update.js";

// The number of transitions that a feed keeps (64), plus the first event, which is not stored. All of them fit.
const TRANSITIONS_KEPT = 65;

/**
 * The updates that a watcher has not read yet: all transitions in order, and between two of them only the latest other change. It
 * holds as many transitions as a feed. If there are more, it is emptied, and the watcher gets a snapshot instead.
 */
export class Mailbox {
  #updates: JobUpdate[] = [];
  #transitions = 0;

  get isEmpty(): boolean {
    return this.#updates.length === 0;
  }

  /** Adds an update. Returns false if there was no room. The mailbox is empty then. */
  push(update: JobUpdate): boolean {
    const last = this.#updates.at(-1);
    if (last && last.position.seq === update.position.seq && last.position.rev > 0) {
      // If an unread snapshot is replaced, its `reset` is kept: the watcher must learn that it missed something.
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

  /** Removes and returns the oldest update. */
  shift(): JobUpdate | undefined {
    const update = this.#updates.shift();
    if (update?.position.rev === 0) this.#transitions -= 1;
    return update;
  }
}
