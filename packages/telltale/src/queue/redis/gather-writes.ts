import type { Writable } from "node:stream";

const gathering = new WeakSet<Writable>();

/**
 * Sends what is written to a socket in this tick together. A worker settles jobs and claims others in one tick, and a write is a system
 * call here and another one in Redis, which then answers with one write too.
 */
export function gatherWrites(socket: Writable | undefined): void {
  if (!socket || gathering.has(socket)) return;
  gathering.add(socket);
  socket.cork();
  // Runs after all promise callbacks that follow from the current one.
  process.nextTick(() => {
    gathering.delete(socket);
    socket.uncork();
  });
}
