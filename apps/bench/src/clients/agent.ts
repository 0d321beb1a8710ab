import { serve } from "../measure/serve.js";
import { callAtRate, callEach } from "./call.js";
import type { ClientCalls } from "./calls.js";
import { Delivery } from "./delivery.js";
import { WATCH } from "./watch.js";

const AT_ONCE = 50;

const delivery = new Delivery();
const calls: ClientCalls = {
  async watch({ way, port, topic, watchers }) {
    for (let connected = 0; connected < watchers; connected += AT_ONCE) {
      const some = Array.from({ length: Math.min(AT_ONCE, watchers - connected) }, () =>
        WATCH[way]({ port, topic }, delivery.watcher()),
      );
      await Promise.all(some);
    }
  },
  reset: async () => delivery.reset(),
  report: async () => delivery.report,
  callEach,
  callAtRate,
};
serve(calls);
