export { type Sink, withSink } from "./sink.js";
