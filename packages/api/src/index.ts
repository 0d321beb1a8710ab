export { type Sink, sinkOf, withSink } from "./sink.js";
