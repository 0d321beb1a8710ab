import { assertDelivered, LIVE, openStages } from "./live-agents.js";
import type { Figure, Row } from "./row.js";

const WATCHERS = 100;
const PER_SECOND = 100;

const figure: Figure = {
  name: "watchers",
  title: "watchers that one server process can serve at 100 events/s",
  unit: "watchers",
  better: "higher",
};

/** How many watchers fill a core. */
export const watchers: Row = {
  name: "watchers",
  says: "how many watchers fill one core of the server at 100 events/s",
  method:
    "One topic with 100 events/s and 100 watchers. From the processor time of the server per delivery follows at how many watchers one core is full: a second, divided by 100 times that. It is calculated, because two cores cannot hold that many clients beside the server.",
  figures: [figure],
  async measure(run) {
    await using opened = await openStages(run, { contenders: LIVE, topics: 1 });
    for (const [contender, stage] of opened.stages) await stage.watch(contender, WATCHERS);
    const events = PER_SECOND * (run.isQuick ? 1 : 3);
    for (let round = 0; round <= run.rounds; round++) {
      run.progress(round === 0 ? "warm-up" : `round ${round} of ${run.rounds}`);
      for (const [contender, stage] of opened.stages) {
        const delivered = await stage.publish({ events, everyMs: 1_000 / PER_SECOND, keepsRate: true });
        assertDelivered(run, { contender, round }, delivered);
        if (round > 0) run.record(figure, contender, (1e6 * delivered.deliveries) / (PER_SECOND * delivered.cpuMicros));
      }
    }
  },
};
