import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { AnyTRPCRouter } from "@trpc/server";
import { type Server, type WebSocket, WebSocketServer } from "ws";
import { type Logger, TelltaleError } from "../../core/index.js";
import type { Observe } from "../../core/internal.js";
import type { Budgets } from "../../trpc/internal.js";
import type { Admissions } from "../admission/admissions.js";
import type { Callers } from "../admission/callers.js";
import type { GatewayLimits } from "../admission/limits.js";
import { Occupancy } from "../admission/occupancy.js";
import type { CountedOutput, Outputs } from "../admission/outputs.js";
import { type CreateContext, socketContext } from "../context.js";
import { errorAnswer } from "../http/trpc-error.js";
import { reportCallError } from "../report.js";
import { getWSConnectionHandler } from "../trpc-server.js";
import { CLOSE_CODES } from "./close-codes.js";
import { directRouter } from "./direct-router.js";
import { GuardedSocket } from "./guarded-socket.js";
import { awaitHandshake } from "./handshake.js";
import { Intake } from "./intake.js";
import { SlowReaders } from "./slow-readers.js";
import { SocketSink } from "./socket-sink.js";

const RECONNECT = JSON.stringify({ id: null, method: "reconnect" });

export interface SocketsOptions {
  readonly router: AnyTRPCRouter;
  readonly createContext: CreateContext;
  readonly limits: GatewayLimits;
  readonly logger: Logger;
  readonly observe: Observe | undefined;
  readonly outputs: Outputs;
  readonly pace: Budgets;
  readonly admissions: Admissions;
  readonly callers: Callers;
}

/** An upgrade that was not refused. */
export interface AcceptedUpgrade {
  readonly req: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
  /** The address by which the client is counted. */
  readonly address: string;
}

/** The gateway's WebSockets. Each is served by tRPC's adapter, with limits that the adapter does not have. */
export class Sockets {
  readonly #limits: GatewayLimits;
  readonly #logger: Logger;
  readonly #observe: Observe | undefined;
  readonly #server: Server<typeof GuardedSocket>;
  readonly #slowReaders: SlowReaders;
  readonly #router: AnyTRPCRouter;
  readonly #serve: (ws: WebSocket, req: IncomingMessage) => void;
  readonly #admissions: Admissions;
  readonly #callers: Callers;
  readonly #outputs: Outputs;
  readonly #pace: Budgets;
  readonly #open = new Occupancy<WebSocket>();
  /** The number of each socket in observer events. */
  readonly #numbers = new WeakMap<WebSocket, number>();
  #opened = 0;
  readonly #sinks = new WeakMap<WebSocket, SocketSink>();

  constructor({ router, createContext, limits, logger, observe, outputs, pace, admissions, callers }: SocketsOptions) {
    this.#limits = limits;
    this.#logger = logger;
    this.#observe = observe;
    this.#router = router;
    this.#outputs = outputs;
    this.#pace = pace;
    this.#admissions = admissions;
    this.#callers = callers;
    this.#slowReaders = new SlowReaders(limits, (ws) => this.#cutSlowReader(ws));
    // As an inline literal this would not compile, because the types of ws lack `closeTimeout`.
    const options = {
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: limits.frameBytes,
      maxFragments: limits.fragments,
      maxBufferedChunks: limits.bufferedChunks,
      closeTimeout: limits.cutMs,
      WebSocket: GuardedSocket,
    };
    this.#server = new WebSocketServer(options);
    this.#serve = getWSConnectionHandler({
      wss: this.#server,
      router: directRouter(router),
      keepAlive: { enabled: true, pingMs: limits.pingMs, pongWaitMs: limits.pongMs },
      createContext: ({ req, res, info }) =>
        socketContext(createContext, { req, sink: this.#sinkOf(res), logger }, info),
      onError: ({ error, path, type }) => reportCallError(logger, { error, path, type }),
    });
  }

  /** The number of open sockets. */
  get size(): number {
    return this.#open.size;
  }

  /** Takes over the connection of an accepted upgrade. Responds with 400 to a malformed handshake. */
  accept({ req, socket, head, address }: AcceptedUpgrade): void {
    const { bufferBytes } = this.#limits;
    this.#server.handleUpgrade(req, socket, head, (ws) => {
      this.#open.enter(ws);
      if (this.#observe) this.#observeLife(ws, this.#observe);
      // Without a listener, a malformed frame would crash the process.
      ws.on("error", ignore);
      this.#slowReaders.watch(ws);
      const expectsParams = announcesParams(req);
      const intake = this.#intakeOf(ws, { expectsParams, address });
      ws.receiveWith(intake, socket);
      const output = this.#limitOutput(ws, intake);
      // One listener, because each would take a quarter of a kilobyte for as long as the socket is open.
      ws.once("close", () => {
        this.#open.leave(ws);
        this.#slowReaders.forget(ws);
        intake.end();
        output.end();
      });
      if (expectsParams) awaitHandshake(ws, this.#limits.handshakeMs);
      this.#sinks.set(
        ws,
        new SocketSink(ws, { admissions: this.#admissions, callers: this.#callers, bufferBytes, address }),
      );
      this.#serve(ws, req);
    });
  }

  /**
   * Asks all clients to reconnect elsewhere. tRPC's client opens the new socket first and resumes from the last tracked
   * id, so no event is lost. Ending the subscriptions instead would complete them permanently.
   */
  askToReconnect(): void {
    for (const ws of this.#open) if (ws.readyState === ws.OPEN) ws.send(RECONNECT);
  }

  /** Resolves to true once all clients have disconnected, or to false after `timeoutMs`. */
  left(timeoutMs: number): Promise<boolean> {
    return this.#open.emptied(timeoutMs);
  }

  /** Closes the remaining sockets with 1012 and terminates those that do not answer. */
  async close(): Promise<void> {
    for (const ws of this.#open) ws.close(CLOSE_CODES.restarting, "restarting");
    if (await this.#open.emptied(this.#limits.cutMs)) return;
    for (const ws of this.#open) ws.terminate();
    await this.#open.emptied(this.#limits.cutMs);
  }

  #intakeOf(
    ws: GuardedSocket,
    { expectsParams, address }: Readonly<{ expectsParams: boolean; address: string }>,
  ): Intake {
    const { frameCalls, frameBytes, callsInFlight, subscriptionsPerSocket, bufferBytes } = this.#limits;
    const intake = new Intake({
      maxCalls: frameCalls,
      maxWaitingBytes: frameBytes,
      maxInFlight: callsInFlight,
      // A client may stop all its subscriptions and start as many before the first have ended.
      maxSubscriptions: 2 * subscriptionsPerSocket,
      expectsParams,
      pace: () => this.#pace.take(address, 1),
      isRead: () => ws.bufferedAmount < bufferBytes,
      socket: ws,
      refuse: (id, error) => {
        reportCallError(this.#logger, { error, type: "unknown" });
        ws.push(JSON.stringify(errorAnswer(this.#router, error, id)));
      },
    });
    return intake;
  }

  #limitOutput(ws: GuardedSocket, intake: Intake): CountedOutput {
    const output = this.#outputs.add({
      bytes: () => ws.bufferedAmount + intake.waitingBytes,
      cut: () => {
        this.#cutSlowReader(ws);
        ws.terminate();
      },
    });
    ws.onSent(output.grew);
    return output;
  }

  #observeLife(ws: WebSocket, observe: Observe): void {
    const openedAt = performance.now();
    this.#opened += 1;
    const socket = this.#opened;
    this.#numbers.set(ws, socket);
    observe({ type: "socket.opened", socket });
    ws.once("close", (closeCode) => {
      observe({ type: "socket.closed", socket, closeCode, durationMs: performance.now() - openedAt });
    });
  }

  #sinkOf(ws: WebSocket): SocketSink {
    const sink = this.#sinks.get(ws);
    if (!sink) throw new TelltaleError("closed", "The socket was not opened by this gateway");
    return sink;
  }

  #cutSlowReader(ws: WebSocket): void {
    this.#logger.info({ buffered: ws.bufferedAmount }, "a client stopped reading and was cut");
    const socket = this.#numbers.get(ws) ?? 0;
    this.#observe?.({ type: "socket.cut", socket, bufferedBytes: ws.bufferedAmount });
    ws.close(CLOSE_CODES.slowReader, "slow reader");
    const timer = setTimeout(() => ws.terminate(), this.#limits.cutMs).unref();
    ws.once("close", () => clearTimeout(timer));
  }
}

// Must match the adapter's check.
function announcesParams(req: IncomingMessage): boolean {
  return new URL(req.url ?? "", "http://localhost").searchParams.get("connectionParams") === "1";
}

function ignore(): void {}
