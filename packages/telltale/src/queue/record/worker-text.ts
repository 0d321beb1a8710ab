import type { WorkerIdentity } from "../../core/index.js";

/** Returns a worker as the feed of a job holds it: its host and pid, and its name unless that follows from them. */
export function workerText({ name, host, pid }: WorkerIdentity): string {
  return name === `${host}-${pid}` ? `${host} ${pid}` : `${host} ${pid} ${name}`;
}

/** Parses a text of `workerText`. Returns null if it is malformed. */
export function parseWorkerText(text: string): WorkerIdentity | null {
  const found = /^(\S+) (\d{1,10})(?: (\S+))?$/.exec(text);
  if (!found) return null;
  const [, host = "", pid = "", name = `${host}-${pid}`] = found;
  return { name, host, pid: Number(pid) };
}
