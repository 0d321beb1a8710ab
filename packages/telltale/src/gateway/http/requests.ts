import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Logger } from "../../core/index.js";
import type { Observe } from "../../core/internal.js";
import type { Connections } from "../admission/connections.js";
import { Occupancy } from "../admission/occupancy.js";
import { observeRefusal } from "../observe-refusal.js";
import { answerProbe, type createProbes, isHealthCheck } from "./probes.js";
import { refuse } from "./refuse.js";
import { pathOf } from "./target.js";

export interface RequestsOptions {
  readonly path: string;
  readonly probes: ReturnType<typeof createProbes>;
  readonly call: (req: IncomingMessage, res: ServerResponse, path: string) => void;
  readonly fallback: ((req: IncomingMessage, res: ServerResponse) => void) | undefined;
  /** Whether the request was sent to a host of this gateway. */
  readonly isOurHost: (req: IncomingMessage) => boolean;
  readonly maxHeaders: number;
  /** Maximum number of requests on one connection without a complete response. */
  readonly maxPipelined: number;
  readonly connections: Connections;
  /** Takes a place of the caller's address. Returns null if it has none left. */
  readonly takePlace: (req: IncomingMessage) => (() => void) | null;
  readonly isFull: () => boolean;
  readonly logger: Logger;
  readonly observe: Observe | undefined;
}

/** Routes HTTP requests to a probe, the router, or the fallback, and tracks those without a complete response. */
export class Requests {
  readonly #options: RequestsOptions;
  readonly #unanswered = new Occupancy<ServerResponse>();
  readonly #pipelined = new WeakMap<Socket, number>();
  #isDraining: boolean = false;

  constructor(options: RequestsOptions) {
    this.#options = options;
  }

  handle(req: IncomingMessage, res: ServerResponse): void {
    this.#unanswered.enter(res);
    const leave = this.#options.takePlace(req);
    res.once(
      "close",
      this.#options.connections.use(req.socket, () => {
        this.#unanswered.leave(res);
        leave?.();
        this.#pipelined.set(req.socket, (this.#pipelined.get(req.socket) ?? 1) - 1);
      }),
    );
    this.#pipelined.set(req.socket, (this.#pipelined.get(req.socket) ?? 0) + 1);
    res.on("error", () => {}); // The client disconnected during the response.
    if (this.#isDraining) {
      // An EventSource reconnects after a broken connection but gives up after a 503, so no response is sent.
      if (wantsEvents(req)) {
        res.destroy();
        return;
      }
      res.shouldKeepAlive = false;
    }
    this.#route(req, res, leave !== null);
  }

  /**
   * Lets responses in progress finish and closes their connections. Event streams never finish, so they are cut. Their
   * clients reconnect elsewhere and resume from the last event id.
   */
  drain(): void {
    this.#isDraining = true;
    for (const res of this.#unanswered) {
      if (!res.headersSent) res.shouldKeepAlive = false;
      if (streamsEvents(res)) res.destroy();
    }
  }

  /** Resolves to true once all requests are answered, or to false after `timeoutMs`. */
  answered(timeoutMs: number): Promise<boolean> {
    return this.#unanswered.emptied(timeoutMs);
  }

  /** Aborts all responses in progress. */
  cut(): void {
    for (const res of this.#unanswered) res.destroy();
  }

  #route(req: IncomingMessage, res: ServerResponse, hasPlace: boolean): void {
    const { path, probes, call, isOurHost, maxHeaders, maxPipelined, isFull } = this.#options;
    const pathname = pathOf(req);
    const probe = pathname === null ? null : probes(pathname);
    // The router's own calls have a check that also looks at the Origin header.
    const isCall = pathname?.startsWith(`${path}/`) === true;
    if (pathname === null) this.#deny(res, 400);
    else if (!isCall && !isHealthCheck(pathname) && !isOurHost(req)) this.#deny(res, 421);
    else if (probe) answerProbe(probe, req, res);
    else if (req.rawHeaders.length / 2 > maxHeaders) this.#deny(res, 431);
    else if (isFull()) this.#deny(res, 503, 1);
    else if (!hasPlace) this.#deny(res, 429, 1);
    else if ((this.#pipelined.get(req.socket) ?? 0) > maxPipelined) this.#deny(res, 429, 1);
    else if (isCall) call(req, res, pathname.slice(path.length + 1));
    else this.#fallBack(req, res);
  }

  #deny(res: ServerResponse, status: number, retryAfterS?: number): void {
    observeRefusal(this.#options.observe, "http", status);
    refuse(res, status, { close: true, ...(retryAfterS === undefined ? {} : { retryAfterS }) });
  }

  #fallBack(req: IncomingMessage, res: ServerResponse): void {
    const { fallback, logger } = this.#options;
    try {
      if (fallback) fallback(req, res);
      else refuse(res, 404);
    } catch (error) {
      logger.error({ error: error instanceof Error ? error.name : "unknown" }, "the fallback threw");
      refuse(res, 500, { close: true });
    }
  }
}

function wantsEvents(req: IncomingMessage): boolean {
  return req.headers.accept?.includes("text/event-stream") === true;
}

function streamsEvents(res: ServerResponse): boolean {
  return res.getHeader("content-type")?.toString().startsWith("text/event-stream") === true;
}
