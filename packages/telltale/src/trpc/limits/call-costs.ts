/** The cost of each call of a jobs router. Reading one job costs 1. A call for several jobs costs that much for each job. */
export const CALL_COSTS = {
  submit: 1,
  submitMany: 1,
  get: 1,
  cancel: 1,
  rerun: 1,
  onStatus: 1,
  onChunk: 1,
  logs: 5,
  onLogs: 1,
  list: 10,
  failures: 10,
  "bulk.step": 10,
  "queues.list": 5,
  "queues.onStats": 5,
  "queues.history": 10,
  "queues.pause": 1,
  "queues.resume": 1,
  "workers.list": 5,
  "workers.onChange": 5,
  "workers.drain": 1,
  "queues.drain": 10,
  "queues.clean": 10,
  "queues.obliterate": 10,
  "schedules.list": 5,
  "schedules.set": 1,
  "schedules.remove": 1,
} as const;

/** The name of a call. */
export type CallName = keyof typeof CALL_COSTS;

/** Calls that read many jobs. Only a few of them run at the same time for one caller. */
export const LISTS: ReadonlySet<CallName> = new Set([
  "list",
  "failures",
  "bulk.step",
  "queues.drain",
  "queues.clean",
  "queues.obliterate",
  "queues.list",
  "queues.history",
  "workers.list",
  "schedules.list",
]);
