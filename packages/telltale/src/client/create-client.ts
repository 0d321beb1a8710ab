import { createTRPCUntypedClient, type TRPCUntypedClient } from "@trpc/client";
import type { AnyTRPCRouter } from "@trpc/server";
import type { Jobs } from "../core/index.js";
import { assertKnownOptions } from "../core/internal.js";
import { byKind } from "./create-jobs-client.js";
import type { JobClients } from "./job-client.js";
import type { WireProcedures } from "./procedures.js";
import { SHARED, type Shared } from "./shared.js";
import { Closing } from "./transport/closing.js";
import { type Auth, Credentials } from "./transport/credentials.js";
import { endpointAtUse } from "./transport/endpoint.js";
import { eventSourceLinks, webSocketLinks } from "./transport/links.js";
import { assertTrpcClient } from "./transport/trpc-client.js";
import { Wake } from "./transport/wake.js";

/** The options of `createClient`. */
export interface ClientOptions {
  /**
   * The server's address: an origin such as `https://jobs.example`, to which `/trpc` is added, or the full address of its tRPC
   * endpoint. In a browser it can be relative to the page. Elsewhere, such as during server-side rendering, a client with a
   * relative address can be created, but its calls and watches reject with `invalid_config`.
   */
  readonly url: string;
  /**
   * The bearer token, or a function that returns it. The function is called for every call and every connection. If it fails, the
   * call rejects with `unauthorized`. Watches try again with growing pauses and reject with `unauthorized` when it has failed for
   * 45 s; failures because the network is away do not count. When it returns the token of another user, all connections are opened
   * again with it. Two JWTs with the same `iss` and `sub` belong to one user. Of other tokens, each belongs to a user of its own, so
   * return the same one while it is valid.
   * @default a new anonymous session, which browsers keep in localStorage
   */
  readonly auth?: Auth;
  /**
   * The transport of subscriptions: `ws` uses one WebSocket for up to a hundred of them, `sse` one request with server-sent events
   * for each. Over `sse`, more than four at a time take turns, because browsers open at most six connections to a server over
   * HTTP/1.1. A client without WebSockets, or that cannot open one, uses `sse`, and tries a WebSocket again from time to time. Calls
   * always use HTTP.
   * @default "ws"
   */
  readonly transport?: "ws" | "sse" | undefined;
  /** The name under which the server mounts its jobs router, such as `jobs`. @default none: the router is mounted at the root */
  readonly router?: string | undefined;
}

/** The members of a `Client` beside its kinds. */
export interface ClientControls extends AsyncDisposable {
  /**
   * The underlying tRPC client, for other procedures: `client.$trpc.query("queues.list")`. After `close`, its calls and subscriptions
   * fail with a `TRPCClientError` of which `toTelltaleError` makes `closed`.
   */
  readonly $trpc: TRPCUntypedClient<AnyTRPCRouter>;
  /** For clients that are made from this one, such as `createOperatorClient`. */
  readonly [SHARED]: Shared;
  /** Closes the connection. Everything in progress, and every later call, rejects with `closed`. Safe to call twice. */
  close(): Promise<void>;
}

/** A `JobClient` for every kind, such as `client.mail`. All share one connection. */
export type Client<T extends Jobs> = JobClients<T> & ClientControls;

/**
 * Creates a typed client with its own connection: `createClient<typeof jobs>({ url: "https://jobs.example" })`. The connection opens
 * at first use. Throws `invalid_config` for a malformed url, an unknown option, or a version of `@trpc/client` that is too old.
 */
export function createClient<T extends Jobs>(options: ClientOptions): Client<T> {
  assertTrpcClient();
  assertKnownOptions("createClient", options, { url: true, auth: true, transport: true, router: true });
  const wake = new Wake();
  const closing = new Closing();
  const linkOptions = {
    endpoint: endpointAtUse(options.url),
    credentials: new Credentials(options.auth),
    wake,
    closing,
  };
  const links = options.transport === "sse" ? eventSourceLinks(linkOptions) : webSocketLinks(linkOptions);
  const trpc = createTRPCUntypedClient<AnyTRPCRouter>({ links: [links.link] });
  let closed: Promise<void> | null = null;
  const close = (): Promise<void> => {
    closing.close();
    closed ??= links.close();
    return closed;
  };
  const shared = { router: options.router, closing, wake, limit: links.limit };
  const controls: ClientControls = { $trpc: trpc, [SHARED]: shared, close, [Symbol.asyncDispose]: close };
  return byKind<T, ClientControls>(proceduresOf(trpc, options.router), { ...shared, controls });
}

function proceduresOf(trpc: TRPCUntypedClient<AnyTRPCRouter>, router: string | undefined): WireProcedures {
  const path = (name: string): string => (router ? `${router}.${name}` : name);
  return {
    submit: { mutate: (input, options) => trpc.mutation(path("submit"), input, options) },
    submitMany: { mutate: (input, options) => trpc.mutation(path("submitMany"), input, options) },
    cancel: { mutate: (input, options) => trpc.mutation(path("cancel"), input, options) },
    get: { query: (input, options) => trpc.query(path("get"), input, options) },
    list: { query: (input, options) => trpc.query(path("list"), input, options) },
    onStatus: { subscribe: (input, observer) => trpc.subscription(path("onStatus"), input, { ...observer }) },
    onChunk: { subscribe: (input, observer) => trpc.subscription(path("onChunk"), input, { ...observer }) },
  };
}
