import { serve } from "../measure/serve.js";
import type { WatcherCalls } from "./calls.js";
import { CONNECT } from "./connect.js";
import { Delivery } from "./delivery.js";

const AT_ONCE = 50;

const delivery = new Delivery();
const calls: WatcherCalls = {
  async watch({ way, port, topic, watchers }) {
    for (let connected = 0; connected < watchers; connected += AT_ONCE) {
      const some = Array.from({ length: Math.min(AT_ONCE, watchers - connected) }, () =>
        CONNECT[way]({ port, topic }, delivery.watcher()),
      );
      await Promise.all(some);
    }
  },
  reset: async () => delivery.reset(),
  report: async () => delivery.report,
};
serve(calls);
