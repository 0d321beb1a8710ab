import { type Logger, TelltaleError } from "../../core/index.js";
import { ChannelMessage } from "./channel-message.js";
import type { Connection } from "./commands.js";
import { openConnection, PING_MS } from "./connection.js";
import type { ConnectionOptions } from "./connection-options.js";
import type { ConnectionWatch } from "./connection-watch.js";
import { firstLine } from "./redis-error.js";

/** A listener of a channel. */
export interface ChannelListener {
  message(message: ChannelMessage): void;
  /** Called when the channel is subscribed again after a lost connection. Messages in between may have been missed. */
  resubscribed(): void;
}

/** A listener's subscription to a channel. */
export interface Listening {
  /** Resolves once Redis has acknowledged the subscription. From then on, `resubscribed` is called after each interruption. */
  readonly acknowledged: Promise<void>;
  close(): void;
}

interface Channel {
  readonly name: string;
  readonly listeners: Set<ChannelListener>;
  /** The number of the connection that acknowledged the channel last, or 0. */
  acknowledgedBy: number;
  waiting: (() => void)[];
  linger: NodeJS.Timeout | null;
}

const BATCH = 500;
// How long a channel without listeners stays subscribed.
const LINGER_MS = 5_000;
const RETRY_MS = 1_000;

/**
 * The subscriber connection of a process, shared by all listeners. After a lost connection, it subscribes again and notifies the
 * listeners. A channel stays subscribed for five seconds after its last listener left, because watchers often come back.
 */
export class Subscriber {
  readonly #options: ConnectionOptions;
  readonly #logger: Logger;
  readonly #connections: ConnectionWatch;
  readonly #channels = new Map<string, Channel>();
  #redis: Connection | null = null;
  #connection = 0;
  #ping: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(
    options: ConnectionOptions,
    { logger, connections }: Readonly<{ logger: Logger; connections: ConnectionWatch }>,
  ) {
    this.#options = options;
    this.#logger = logger;
    this.#connections = connections;
  }

  /** The number of subscribed channels, including those without listeners. */
  get channels(): number {
    return this.#channels.size;
  }

  /** Calls the listener for each message of a channel, from the acknowledgement on. Throws `closed` after `close`. */
  listen(name: string, listener: ChannelListener): Listening {
    if (this.#closed) throw new TelltaleError("closed", "This Telltale object was closed");
    const channel = this.#channel(name);
    channel.listeners.add(listener);
    const acknowledged = new Promise<void>((resolve) => {
      if (channel.acknowledgedBy > 0 && channel.acknowledgedBy === this.#connection && this.#isReady()) resolve();
      else channel.waiting.push(resolve);
    });
    return {
      acknowledged,
      close: () => {
        if (channel.listeners.delete(listener) && channel.listeners.size === 0) this.#linger(channel);
      },
    };
  }

  /** Closes the connection. Safe to call before the first listen, and twice. */
  close(): void {
    this.#closed = true;
    if (this.#ping) clearInterval(this.#ping);
    for (const channel of this.#channels.values()) if (channel.linger) clearTimeout(channel.linger);
    this.#channels.clear();
    this.#redis?.disconnect();
  }

  #channel(name: string): Channel {
    const known = this.#channels.get(name);
    if (known) {
      if (known.linger) clearTimeout(known.linger);
      known.linger = null;
      return known;
    }
    const channel: Channel = { name, listeners: new Set(), acknowledgedBy: 0, waiting: [], linger: null };
    this.#channels.set(name, channel);
    const redis = this.#start();
    if (redis.status === "ready") this.#subscribe(redis, [channel]);
    return channel;
  }

  #start(): Connection {
    if (this.#redis) return this.#redis;
    const redis = openConnection(this.#options, "subscriber");
    this.#redis = redis;
    redis.on("ready", () => {
      this.#connection += 1;
      const channels = [...this.#channels.values()];
      for (let i = 0; i < channels.length; i += BATCH) this.#subscribe(redis, channels.slice(i, i + BATCH));
    });
    this.#connections.watch(redis, "subscriber");
    redis.on("message", (name: string, text: string) => {
      const message = new ChannelMessage(text);
      for (const listener of this.#channels.get(name)?.listeners ?? []) {
        try {
          listener.message(message);
        } catch (error) {
          // The other listeners still get the message.
          this.#logger.error({ error: firstLine(error) }, "a channel listener failed");
        }
      }
    });
    // A dead connection is only noticed by writing to it.
    this.#ping = setInterval(() => {
      if (redis.status === "ready") redis.ping().catch(() => {});
    }, PING_MS);
    this.#ping.unref();
    return redis;
  }

  // A SUBSCRIBE in flight when the connection is lost never settles. The next `ready` event resubscribes.
  #subscribe(redis: Connection, channels: readonly Channel[]): void {
    const connection = this.#connection;
    redis.subscribe(...channels.map((channel) => channel.name)).then(
      () => {
        if (connection === this.#connection) for (const channel of channels) this.#acknowledge(channel);
      },
      (error: unknown) => {
        this.#logger.error({ error: firstLine(error), channels: channels.length }, "subscribing failed");
        setTimeout(() => {
          const wanted = channels.filter((channel) => this.#channels.get(channel.name) === channel);
          if (connection === this.#connection && !this.#closed && wanted.length > 0) this.#subscribe(redis, wanted);
        }, RETRY_MS).unref();
      },
    );
  }

  #acknowledge(channel: Channel): void {
    const again = channel.acknowledgedBy > 0;
    channel.acknowledgedBy = this.#connection;
    const waiting = channel.waiting.splice(0);
    for (const resolve of waiting) resolve();
    if (again) for (const listener of channel.listeners) listener.resubscribed();
  }

  #isReady(): boolean {
    return this.#redis?.status === "ready";
  }

  #linger(channel: Channel): void {
    if (this.#closed || channel.linger) return;
    channel.linger = setTimeout(() => {
      this.#channels.delete(channel.name);
      if (this.#redis?.status === "ready") this.#redis.unsubscribe(channel.name).catch(() => {});
    }, LINGER_MS);
    channel.linger.unref();
  }
}
