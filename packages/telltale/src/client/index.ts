export type { QueuePaused } from "./calls/operator-replies.js";
export { type Client, type ClientControls, type ClientOptions, createClient } from "./create-client.js";
export { createJobsClient, type JobsClientOptions } from "./create-jobs-client.js";
export { createOperatorClient, type OperatorClientOptions } from "./create-operator-client.js";
export type { ConnectionState, JobClient, JobClients, JobHandle, WatchOptions } from "./job-client.js";
export type { OperatorClient } from "./operator-client.js";
export type { OperatorProcedures } from "./operator-procedures.js";
export type { JobsProcedures } from "./procedures.js";
export { toTelltaleError } from "./to-telltale-error.js";
