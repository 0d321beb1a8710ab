import { type LocalRedis, startRedis } from "@telltale/local-redis";
import { createTcpProxy, type TcpProxy } from "@telltale/testkit";
import { PASSWORD, SENTINEL_PASSWORD } from "./access.js";
import { openRedisLink } from "./redis-link.js";

const COUNT = 3;
const QUORUM = 2;

/** Three sentinels with a password, which choose the primary. */
export class Sentinels implements AsyncDisposable {
  /** Where they listen. */
  readonly addresses: readonly { readonly host: string; readonly port: number }[];
  readonly #running: readonly LocalRedis[];
  readonly #proxies: readonly TcpProxy[];

  private constructor(running: readonly LocalRedis[], proxies: readonly TcpProxy[]) {
    this.#running = running;
    this.#proxies = proxies;
    this.addresses = proxies.map(({ port }) => ({ host: "127.0.0.1", port }));
  }

  /** Starts sentinels that watch the primary at this port and its replicas. */
  static async start(primaryPort: number): Promise<Sentinels> {
    const running: LocalRedis[] = [];
    const proxies: TcpProxy[] = [];
    for (let at = 0; at < COUNT; at++) {
      // They listen on sockets only. The proxy comes first, because they announce its port to each other.
      const proxy = await createTcpProxy({
        target: {
          get path() {
            return running[at]?.socketPath ?? "";
          },
        },
      });
      proxies.push(proxy);
      const config = {
        "sentinel monitor main": `127.0.0.1 ${primaryPort} ${QUORUM}`,
        "sentinel auth-pass main": PASSWORD,
        "sentinel down-after-milliseconds main": "700",
        "sentinel failover-timeout main": "5000",
        "sentinel announce-ip": "127.0.0.1",
        "sentinel announce-port": String(proxy.port),
        "sentinel sentinel-pass": SENTINEL_PASSWORD,
        requirepass: SENTINEL_PASSWORD,
      };
      running.push(await startRedis({ sentinel: true, config }));
    }
    return new Sentinels(running, proxies);
  }

  /** The port of the primary, as the first sentinel sees it. */
  async primaryPort(): Promise<number> {
    using link = await openRedisLink(this.#running[0]?.socketPath ?? "");
    await link.send("AUTH", SENTINEL_PASSWORD);
    const [, port] = await link.list("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "main");
    return Number(port);
  }

  /** How many other sentinels the first one knows. */
  async others(): Promise<number> {
    using link = await openRedisLink(this.#running[0]?.socketPath ?? "");
    await link.send("AUTH", SENTINEL_PASSWORD);
    const reply = await link.send("SENTINEL", "SENTINELS", "main");
    return Array.isArray(reply) ? reply.length : 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#running.map((sentinel) => sentinel.stop()));
    await Promise.all(this.#proxies.map((proxy) => proxy.stop()));
  }
}
