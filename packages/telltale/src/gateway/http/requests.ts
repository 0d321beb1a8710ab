import type { IncomingMessage, ServerResponse } from "node:http";
import type { Logger } from "../../core/index.js";
import type { Observe } from "../../core/internal.js";
import type { Connections } from "../admission/connections.js";
import { Occupancy } from "../admission/occupancy.js";
import { observeRefusal } from "../observe-refusal.js";
import { answerProbe, type createProbes } from "./probes.js";
import { refuse } from "./refuse.js";
import { pathOf } from "./target.js";

/** What requests need of the gateway. */
export interface RequestsOptions {
  readonly path: string;
  readonly probes: ReturnType<typeof createProbes>;
  readonly call: (req: IncomingMessage, res: ServerResponse, path: string) => void;
  readonly fallback: ((req: IncomingMessage, res: ServerResponse) => void) | undefined;
  readonly maxHeaders: number;
  readonly connections: Connections;
  readonly isFull: () => boolean;
  readonly logger: Logger;
  readonly observe: Observe | undefined;
}

/** Every HTTP request: to a probe, to the router, or to whatever else the host serves. Knows which are unanswered. */
export class Requests {
  readonly #options: RequestsOptions;
  readonly #unanswered = new Occupancy<ServerResponse>();
  #isDraining: boolean = false;

  constructor(options: RequestsOptions) {
    this.#options = options;
  }

  handle(req: IncomingMessage, res: ServerResponse): void {
    this.#unanswered.enter(res);
    res.once(
      "close",
      this.#options.connections.use(req.socket, () => this.#unanswered.leave(res)),
    );
    res.on("error", () => {}); // A peer that went away while it was answered.
    if (this.#isDraining) {
      // No answer at all: an EventSource tries again after a broken connection, and gives up after a 503.
      if (wantsEvents(req)) {
        res.destroy();
        return;
      }
      res.shouldKeepAlive = false;
    }
    this.#route(req, res);
  }

  /**
   * Lets every answer in progress finish and its connection close. Event streams never finish, so they are cut; their
   * clients resume elsewhere by the last event's id.
   */
  drain(): void {
    this.#isDraining = true;
    for (const res of this.#unanswered) {
      if (!res.headersSent) res.shouldKeepAlive = false;
      if (streamsEvents(res)) res.destroy();
    }
  }

  /** Resolves true once every request is answered, false after this long. */
  answered(timeoutMs: number): Promise<boolean> {
    return this.#unanswered.emptied(timeoutMs);
  }

  /** Breaks off every answer in progress. */
  cut(): void {
    for (const res of this.#unanswered) res.destroy();
  }

  #route(req: IncomingMessage, res: ServerResponse): void {
    const { path, probes, call, maxHeaders, isFull } = this.#options;
    const pathname = pathOf(req);
    const probe = pathname === null ? null : probes(pathname);
    if (pathname === null) this.#deny(res, 400);
    else if (probe) answerProbe(probe, req, res);
    else if (req.rawHeaders.length / 2 > maxHeaders) this.#deny(res, 431);
    else if (isFull()) this.#deny(res, 503, 1);
    else if (pathname.startsWith(`${path}/`)) call(req, res, pathname.slice(path.length + 1));
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
