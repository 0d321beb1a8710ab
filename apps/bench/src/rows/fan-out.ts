import { assertDelivered, LIVE, openStages } from "./live-agents.js";
import type { Figure, Row } from "./row.js";

const WATCHERS = 500;
const EVERY_MS = 60;

const figure: Figure = {
  name: "fan-out",
  title: "one progress event to 500 watchers, 60 ms apart: server CPU per delivery",
  unit: "µs",
  better: "lower",
  required: [{ factor: 0.6, of: "trpc" }],
  stretch: [{ factor: 1.5, of: "socket.io" }],
};

/** What a delivery costs the server. */
export const fanOut: Row = {
  name: "fan-out",
  says: "what a delivery costs the server, one job with 500 watchers",
  method:
    "A process publishes an event every 60 ms: for Telltale a handler that reports progress, for the others PUBLISH, for socket.io `io.to(room).emit` with the Redis adapter. A server process delivers each to 500 WebSockets, whose watchers are a third process. The figure is the processor time of the server process (`process.cpuUsage`), divided by the deliveries. Every watcher must receive every event once and in order. Plain tRPC is a generator on an EventEmitter with tracked events and superjson, as its documentation shows it; plain ws sends what Redis published.",
  figures: [figure],
  async measure(run) {
    const events = run.isQuick ? 15 : 50;
    await using opened = await openStages(run, { contenders: LIVE, topics: 1 });
    const { stages } = opened;
    for (const [contender, stage] of stages) await stage.watch(contender, WATCHERS);
    for (let round = 0; round <= run.rounds; round++) {
      run.progress(round === 0 ? "warm-up" : `round ${round} of ${run.rounds}`);
      for (const [contender, stage] of stages) {
        const delivered = await stage.publish({ events, everyMs: EVERY_MS, keepsRate: false });
        assertDelivered(run, { contender, round }, delivered);
        if (round > 0) run.record(figure, contender, delivered.cpuMicros / delivered.deliveries);
      }
    }
  },
};
