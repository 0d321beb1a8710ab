import { setImmediate as turn } from "node:timers/promises";
import { onTestFinished, vi } from "vitest";
import { readStoredLog } from "../../src/queue/read/read-log.js";
import { openConnection } from "../../src/queue/redis/connection.js";
import { ConnectionWatch } from "../../src/queue/redis/connection-watch.js";
import { Hub } from "../../src/queue/watch/hub.js";
import type { Harness } from "./harness.js";

/** The clock of the hub. The timeouts of its connections are real. */
const CLOCK = ["setInterval", "clearInterval", "performance"] as const;
const TIMEOUTS = ["setTimeout", "clearTimeout"] as const;

/**
 * Opens a hub with its own connections to the Redis of a harness. From then on, only `vi.advanceTimersByTime` moves intervals and
 * `performance.now`, and also timeouts if `stopsTimeouts`. Call `vi.useRealTimers` and `vi.restoreAllMocks` after each test.
 */
export async function ownHub({ telltale }: Harness, { stopsTimeouts = false, isObserved = true } = {}) {
  const { connection, logger: silent } = telltale.$engine;
  const commands = openConnection(connection, "commands");
  if (commands.status !== "ready") await new Promise<void>((resolve) => commands.once("ready", () => resolve()));
  const warnings: object[] = [];
  const logger = { ...silent, warn: (data: object) => void warnings.push(data) };
  const observed: object[] = [];
  const reads: string[] = [];
  const hub = new Hub({
    ...{ commands, connection, logger },
    observe: isObserved ? (event) => void observed.push(event) : undefined,
    connections: new ConnectionWatch({ logger, address: "", observe: undefined }),
    read: (keys, id) => {
      reads.push(id);
      return telltale.$engine.scripts(keys.queue).read(id);
    },
    readLog: (keys, id, page) => readStoredLog(telltale.$engine.scripts(keys.queue), id, page),
  });
  onTestFinished(() => {
    hub.close();
    commands.disconnect();
  });
  vi.useFakeTimers({ toFake: [...CLOCK, ...(stopsTimeouts ? TIMEOUTS : [])] });
  // Checks are 500 ms apart, without the usual variation.
  const random = vi.spyOn(Math, "random").mockReturnValue(0.5);
  return {
    ...{ hub, commands, warnings, observed, reads, random },
    keys: telltale.$engine.keys("resize"),
    pipelines: vi.spyOn(commands, "pipeline"),
    /** Resolves once the hub has received and processed the answers to what it sent. */
    async answered(): Promise<void> {
      await Promise.all([commands.ping(), telltale.$engine.ping()]);
      await turn();
    },
  };
}

export type OwnHub = Awaited<ReturnType<typeof ownHub>>;
