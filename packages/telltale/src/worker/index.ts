export type { Middleware, MiddlewareJob } from "./attempt/middleware.js";
export { createWorker } from "./create-worker.js";
export type { HungLimits } from "./leases/lease-protocol.js";
export type { WorkerOptions } from "./options.js";
export type { Liveness, StopOptions, Worker } from "./worker.js";
