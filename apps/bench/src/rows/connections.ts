import { LIVE, LiveStage } from "./live-agents.js";
import type { Figure, Row } from "./row.js";

const CONNECTIONS = 1_000;
const FIRST = 50;

const heap: Figure = {
  name: "connection-heap",
  title: "memory per watching connection (1,000), heap and buffers",
  unit: "KB",
  better: "lower",
  required: [{ limit: 28 }],
  stretch: [{ limit: 20 }],
};
const rss: Figure = {
  name: "connection-rss",
  title: "memory per watching connection (1,000), all of the process",
  unit: "KB",
  better: "lower",
};

/** What a watcher takes in the server while nothing happens. */
export const connections: Row = {
  name: "connections",
  says: "memory of the server per watching connection, with 1,000 of them",
  method:
    "A new server process gets 50 watchers, and after a full garbage collection its memory is read (`heapUsed` + `external`, and `rss`); then 1,000 more, and its memory is read again. The figure is the difference, divided by 1,000. Each watcher has a WebSocket of its own, and all watch one topic. Not interleaved, because time does not matter.",
  figures: [heap, rss],
  async measure(run) {
    const rounds = run.isQuick ? 1 : 3;
    for (let round = 1; round <= rounds; round++) {
      run.progress(`round ${round} of ${rounds}`);
      for (const contender of LIVE) {
        await using stage = await LiveStage.open(run, contender, 1);
        await stage.watch(contender, FIRST);
        const before = await stage.server.call("memory", null);
        await stage.watch(contender, CONNECTIONS);
        const after = await stage.server.call("memory", null);
        run.record(heap, contender, (after.heapBytes - before.heapBytes) / CONNECTIONS / 1_024);
        run.record(rss, contender, (after.rssBytes - before.rssBytes) / CONNECTIONS / 1_024);
      }
    }
  },
};
