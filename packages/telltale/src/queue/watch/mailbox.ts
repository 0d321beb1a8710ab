import type { JobUpdate } from "./job-update.js";

// What the feed keeps and the derived first event: a reader that asks at once is given all of it.
const TRANSITIONS_KEPT = 65;

/**
 * What waits for one watcher: transitions in order, and between two of them only the latest of what changed. Holds
 * as many transitions as a feed; past that it is of no use any more and the watcher gets one snapshot instead.
 */
export class Mailbox {
  #updates: JobUpdate[] = [];
  #transitions = 0;

  /** Answers false when there was no room: then it is empty. */
  push(update: JobUpdate): boolean {
    const last = this.#updates.at(-1);
    if (last && last.position.seq === update.position.seq && last.position.rev > 0) {
      // A snapshot that is overtaken before it is read still tells of what came before it.
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
