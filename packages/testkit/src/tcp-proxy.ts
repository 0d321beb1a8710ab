import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { ArmedDrops } from "./armed-drops.js";
import { type LinkDirection, ProxyLink, type ProxyTarget } from "./proxy-link.js";

/** The direction that a black hole blocks: "up" is from clients to the target, "down" is from the target to clients. */
export type ProxyDirection = LinkDirection | "both";

/** The options of a one-time fault. */
export interface DropOptions {
  /** Only affects a request that contains this text, such as a command or a key. @default any request */
  readonly containing?: string;
}

/** A TCP proxy in front of a server, with which a test can break the network. */
export interface TcpProxy extends AsyncDisposable {
  /** The port on 127.0.0.1. */
  readonly port: number;
  /** The address for ioredis: redis://127.0.0.1:<port>. */
  readonly url: string;
  /** The number of connected clients. */
  readonly connections: number;
  /** Forwards everything again. Data that a black hole held back is delivered now, like after a network outage. */
  pass(): void;
  /** Stops forwarding data, without closing connections. New connections are still accepted. @default "both" */
  blackhole(direction?: ProxyDirection): void;
  /** Resets new connections. Existing ones continue; `cutAll` resets those. */
  refuse(): void;
  /** Resets every connection. */
  cutAll(): void;
  /**
   * Forwards the next request, drops its reply and resets the connection, so that the client does not know whether the
   * request was executed. Resolves when this has happened. Use it on an idle connection, because the next data from the target
   * is taken for the reply.
   */
  dropReplyOnce(options?: DropOptions): Promise<void>;
  /** Drops the next request, so that it is never executed, and resets the connection. Resolves when this has happened. */
  dropRequestOnce(options?: DropOptions): Promise<void>;
  /** Resets every connection and closes the port. Safe to call twice. */
  stop(): Promise<void>;
}

/** Opens a proxy on a free port of 127.0.0.1 in front of `target`. */
export async function createTcpProxy(options: { readonly target: ProxyTarget }): Promise<TcpProxy> {
  const server = createServer({ allowHalfOpen: true, noDelay: true });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The proxy has no TCP port");
  return new LoopbackProxy(server, address.port, options.target);
}

class LoopbackProxy implements TcpProxy {
  readonly port: number;
  readonly #server: Server;
  readonly #target: ProxyTarget;
  readonly #links = new Set<ProxyLink>();
  #mode: ProxyDirection | "pass" | "refuse" = "pass";
  readonly #drops = new ArmedDrops();
  #stopping: Promise<void> | undefined;

  constructor(server: Server, port: number, target: ProxyTarget) {
    this.port = port;
    this.#server = server;
    this.#target = target;
    server.on("connection", (client) => this.#accept(client));
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  get connections(): number {
    return this.#links.size;
  }

  pass(): void {
    this.#change("pass");
  }

  blackhole(direction: ProxyDirection = "both"): void {
    this.#change(direction);
  }

  refuse(): void {
    this.#change("refuse");
  }

  cutAll(): void {
    for (const link of this.#links) link.cut();
  }

  dropReplyOnce(options: DropOptions = {}): Promise<void> {
    return this.#drops.arm("reply", options.containing ?? "");
  }

  dropRequestOnce(options: DropOptions = {}): Promise<void> {
    return this.#drops.arm("request", options.containing ?? "");
  }

  stop(): Promise<void> {
    this.#stopping ??= new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.cutAll();
    });
    return this.#stopping;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #accept(client: Socket): void {
    if (this.#mode === "refuse") {
      client.on("error", () => {});
      client.resetAndDestroy();
      return;
    }
    const link: ProxyLink = new ProxyLink(client, this.#target, {
      isHeld: (direction) => this.#mode === "both" || this.#mode === direction,
      takeDrop: (request) => this.#drops.take(request),
      onClosed: () => this.#links.delete(link),
    });
    this.#links.add(link);
  }

  #change(mode: ProxyDirection | "pass" | "refuse"): void {
    this.#mode = mode;
    for (const link of this.#links) link.applyHold();
  }
}
