import { createClient, type JobClient, type JobHandle, toTelltaleError } from "../../client/index.js";
import { type AnyJob, type Jobs, kindOfJobId, TelltaleError } from "../../core/index.js";
import { keptSession } from "./session-file.js";

/** The server's address and the caller's credentials. */
export interface ConnectionOptions {
  readonly url: string;
  /** A JWT, a job token or a session. @default the stored session for this server */
  readonly token?: string | undefined;
  /** The name of the jobs router, or null if it is at the root. */
  readonly router: string | null;
}

/** A connection to a server whose job kinds are not known in advance. */
export interface Connection extends AsyncDisposable {
  kind(name: string): JobClient<AnyJob>;
  job(id: string): JobHandle<AnyJob>;
  /** Calls another procedure of the jobs router. Rejects with a `TelltaleError`. */
  query(path: string, input?: unknown): Promise<unknown>;
  mutate(path: string, input?: unknown): Promise<unknown>;
  /** Opens a subscription of the jobs router. */
  subscribe(path: string, input: unknown, observer: SubscriptionObserver): { unsubscribe(): void };
}

/** The callbacks of a subscription. */
interface SubscriptionObserver {
  readonly onStarted: () => void;
  readonly onData: (frame: unknown) => void;
  readonly onError: (error: unknown) => void;
  readonly onComplete: () => void;
  readonly onConnectionStateChange: (state: { readonly state: "idle" | "connecting" | "pending" }) => void;
}

const CALL_MS = 10_000;
/** The bearer tokens that the server accepts. Other values are ignored or are not valid in a header. */
const TOKEN_PATTERN = /^[A-Za-z0-9._~+/=-]{1,4096}$/;

/** Creates a connection. Nothing is sent until it is used. */
export async function connect({ url, token, router }: ConnectionOptions): Promise<Connection> {
  if (token !== undefined && !TOKEN_PATTERN.test(token)) {
    throw new TelltaleError("invalid_config", "The value of --token or TELLTALE_TOKEN is not a token");
  }
  const auth = token ?? (await keptSession(url));
  const client = createClient<Jobs>({ url, auth, router: router ?? undefined });
  const pathOf = (name: string): string => (router === null ? name : `${router}.${name}`);
  const kind = (name: string): JobClient<AnyJob> => {
    const found = client[name];
    if (found && "submitMany" in found) return found;
    throw new TelltaleError("unknown_kind", `${JSON.stringify(name)} is not a valid name for a job kind`);
  };
  const calling = async (call: (signal: AbortSignal) => Promise<unknown>): Promise<unknown> => {
    try {
      return await call(AbortSignal.timeout(CALL_MS));
    } catch (error) {
      throw toTelltaleError(error);
    }
  };
  return {
    kind,
    job(id) {
      const name = kindOfJobId(id);
      if (name === null) throw new TelltaleError("invalid_input", `${JSON.stringify(id)} is not a job id`);
      return kind(name).job(id);
    },
    query: (path, input) => calling((signal) => client.$trpc.query(pathOf(path), input, { signal })),
    mutate: (path, input) => calling((signal) => client.$trpc.mutation(pathOf(path), input, { signal })),
    subscribe: (path, input, observer) => client.$trpc.subscription(pathOf(path), input, { ...observer }),
    [Symbol.asyncDispose]: () => client.close(),
  };
}
