import { IncomingMessage, type Server, ServerResponse } from "node:http";
import { TelltaleError } from "../../core/index.js";
import { takeUpgrades } from "./take-upgrades.js";

const INTERCEPTED: ReadonlySet<string | symbol> = new Set(["request", "checkContinue", "checkExpectation", "upgrade"]);

/** The requests of a server that a gateway handles. */
export interface Claim {
  readonly path: string;
  readonly owns: (req: IncomingMessage) => boolean;
  /**
   * Receives the `request` and `upgrade` events of the owned requests. It is a server that never listens, so that tools
   * that instrument every `http.Server` (OpenTelemetry) see these requests too.
   */
  readonly answers: Server;
}

// Two gateways on one server share an interceptor, so that they can be detached in any order.
const interceptors = new WeakMap<Server, Interceptor>();

/**
 * Passes a gateway's requests to it before the server's listeners see them. All other requests reach the listeners
 * unchanged. Throws `invalid_config` if a gateway with an overlapping path is already attached. Returns a function that
 * stops the interception.
 */
export function intercept(server: Server, claim: Claim): () => void {
  const interceptor = interceptors.get(server) ?? new Interceptor(server);
  interceptors.set(server, interceptor);
  return interceptor.add(claim);
}

/**
 * Replaces `server.emit`, because a listener cannot hide an event from other listeners. The host's WebSocket server
 * (`ws`, Next.js) rejects upgrades with an unknown path by writing to the connection, and it may add its listener long
 * after the gateway was attached.
 */
class Interceptor {
  readonly #server: Server;
  readonly #claims = new Set<Claim>();
  #restore: (() => boolean) | null = null;

  constructor(server: Server) {
    this.#server = server;
  }

  add(claim: Claim): () => void {
    for (const { path } of this.#claims) {
      if (!overlaps(path, claim.path)) continue;
      throw new TelltaleError(
        "invalid_config",
        `This server has a gateway at ${path} already, so none can be attached at ${claim.path}. Give each its own path.`,
      );
    }
    this.#claims.add(claim);
    this.#restore ??= this.#install();
    return () => {
      this.#claims.delete(claim);
      if (this.#claims.size === 0 && this.#restore?.() === true) this.#restore = null;
    };
  }

  #install(): () => boolean {
    const server = this.#server;
    const own = Object.getOwnPropertyDescriptor(server, "emit");
    const { emit } = server;
    const front = (event: string | symbol, ...args: unknown[]): boolean =>
      this.#answer(event, args) || Reflect.apply(emit, server, [event, ...args]);
    Object.defineProperty(server, "emit", { value: front, configurable: true, writable: true });
    const giveUpgradesBack = takeUpgrades(server, (req) => this.#claimOn(req) !== undefined);
    return () => {
      // Other code has wrapped `emit` since. Without claims the replacement has no effect, so it can stay.
      if (server.emit !== front) return false;
      giveUpgradesBack();
      Reflect.deleteProperty(server, "emit");
      if (own) Object.defineProperty(server, "emit", own);
      return true;
    };
  }

  #answer(event: string | symbol, args: readonly unknown[]): boolean {
    const [req, res] = args;
    if (!INTERCEPTED.has(event) || !(req instanceof IncomingMessage)) return false;
    const answers = this.#claimOn(req)?.answers;
    if (!answers) return false;
    if (!(res instanceof ServerResponse)) return answers.emit("upgrade", ...args);
    // Does what Node does if a server has no listener for these two events.
    if (event === "checkExpectation") res.writeHead(417).end();
    else if (event === "checkContinue") res.writeContinue();
    return event === "checkExpectation" || answers.emit("request", req, res);
  }

  #claimOn(req: IncomingMessage): Claim | undefined {
    for (const claim of this.#claims) if (claim.owns(req)) return claim;
    return undefined;
  }
}

function overlaps(one: string, other: string): boolean {
  return `${one}/`.startsWith(`${other}/`) || `${other}/`.startsWith(`${one}/`);
}
