export { withJobToken } from "./job-token-context.js";
export { type Sink, withSink } from "./sink.js";
export { assertTrpcServer } from "./trpc-server.js";
