export { type Direct, directOf } from "./feeds/direct.js";
export { withJobToken } from "./job-token-context.js";
export { Budgets } from "./limits/budgets.js";
export { type Caller, type Sink, sinkOf, withResponseSink, withSink } from "./sink.js";
export { assertTrpcServer } from "./trpc-server.js";
