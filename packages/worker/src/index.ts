export { createWorker } from "./create-worker.js";
export type { HungLimits } from "./lease-protocol.js";
export type { Middleware, MiddlewareJob } from "./middleware.js";
export type { WorkerOptions } from "./options.js";
export type { Liveness, StopOptions, Worker } from "./worker.js";
