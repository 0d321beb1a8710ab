import type { ClientCalls, Delivered, Way } from "../clients/calls.js";
import type { Contender } from "../contenders/contender.js";
import type { LiveServerCalls, Pace, PublisherCalls } from "../contenders/live-calls.js";
import { type Agent, startAgent } from "../measure/agent.js";
import { Disposing } from "../measure/disposing.js";
import { waitUntil } from "../measure/wait-until.js";
import type { Run } from "./row.js";

export const LIVE = ["telltale", "ws", "socket.io", "trpc"] as const satisfies readonly Contender[];
export type LiveContender = (typeof LIVE)[number];

/** The plain servers hear of events by Redis's PUBLISH. */
const PUBLISHERS: Readonly<Record<LiveContender, string>> = {
  telltale: "telltale/publisher",
  ws: "ioredis/publisher",
  "socket.io": "socket.io/publisher",
  trpc: "ioredis/publisher",
};

/** A contender's server, what publishes to it or runs its jobs, and its clients, each a process, on a Redis of their own. */
export class LiveStage implements AsyncDisposable {
  readonly server: Agent<LiveServerCalls>;
  readonly publisher: Agent<PublisherCalls>;
  readonly clients: Agent<ClientCalls>;
  readonly port: number;
  readonly topics: readonly string[];
  readonly #started: Disposing;
  #published = 0;

  private constructor(
    parts: Pick<LiveStage, "server" | "publisher" | "clients" | "port" | "topics">,
    started: Disposing,
  ) {
    this.server = parts.server;
    this.publisher = parts.publisher;
    this.clients = parts.clients;
    this.port = parts.port;
    this.topics = parts.topics;
    this.#started = started;
  }

  static async open(run: Run, contender: LiveContender, topics: number): Promise<LiveStage> {
    const started = new Disposing();
    try {
      const { url: redis } = started.use(await run.redis());
      const contenders = new URL("../contenders/", import.meta.url);
      const server = started.use(await startAgent<LiveServerCalls>(new URL(`${contender}/live-server.ts`, contenders)));
      const publisher = started.use(
        await startAgent<PublisherCalls>(new URL(`${PUBLISHERS[contender]}.ts`, contenders)),
      );
      const clients = started.use(await startAgent<ClientCalls>(new URL("../clients/agent.ts", import.meta.url)));
      const { port } = await server.call("listen", { redis });
      const opened = await publisher.call("start", { redis, topics });
      return new LiveStage({ server, publisher, clients, port, topics: opened.topics }, started);
    } catch (error) {
      await started[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Adds watchers to each topic. */
  async watch(way: Way, watchers: number): Promise<void> {
    for (const topic of this.topics) await this.clients.call("watch", { way, port: this.port, topic, watchers });
  }

  /**
   * Publishes events to every topic, and resolves when every watcher has the last of them. The processor time is that of the server,
   * from before the first event to after the last delivery.
   */
  async publish(pace: Pace): Promise<Delivered & { readonly cpuMicros: number }> {
    await this.clients.call("reset", null);
    const before = await this.server.call("cpu", null);
    await this.publisher.call("publish", pace);
    this.#published += pace.events;
    let delivered: Delivered | undefined;
    await waitUntil(async () => {
      delivered = await this.clients.call("report", null);
      return delivered.lastOfAll === this.#published - 1;
    });
    const after = await this.server.call("cpu", null);
    if (!delivered) throw new Error("There is no report");
    return { ...delivered, cpuMicros: after.micros - before.micros };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#started[Symbol.asyncDispose]();
  }
}

/** Opens a stage for each contender, of which all stay open. */
export async function openStages(
  run: Run,
  { contenders, topics }: Readonly<{ contenders: readonly LiveContender[]; topics: number }>,
): Promise<{ readonly stages: ReadonlyMap<LiveContender, LiveStage> } & AsyncDisposable> {
  const opened = new Disposing();
  const stages = new Map<LiveContender, LiveStage>();
  try {
    for (const contender of contenders) stages.set(contender, opened.use(await LiveStage.open(run, contender, topics)));
  } catch (error) {
    await opened[Symbol.asyncDispose]();
    throw error;
  }
  return { stages, [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose]() };
}

/**
 * Throws unless every watcher received every event, once and in order. Telltale merges progress that a worker or server has not
 * sent when the next comes, so it may skip, and the latest must arrive; the row then says how many were merged.
 */
export function assertDelivered(
  run: Pick<Run, "note">,
  { contender, round }: { readonly contender: LiveContender; readonly round: number },
  { deliveries, outOfOrder, skipped }: Delivered,
): void {
  if (outOfOrder > 0) throw new Error(`${contender}: ${outOfOrder} of ${deliveries} deliveries came twice or late`);
  if (skipped === 0) return;
  const said = `${skipped} of ${deliveries + skipped} events were skipped`;
  if (contender !== "telltale") throw new Error(`${contender}: ${said}`);
  if (round > 0) run.note(`Telltale, round ${round}: ${said}, because later progress had replaced them.`);
}
