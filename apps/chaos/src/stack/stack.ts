import { fileURLToPath } from "node:url";
import { createTcpProxy, type TcpProxy } from "@telltale/testkit";
import { type Durability, KEPT_BY } from "../durability.js";
import type { Recorder } from "../history/recorder.js";
import { PASSWORD, SENTINEL_PASSWORD } from "./access.js";
import { Member } from "./member.js";
import { RedisService } from "./redis-service.js";

/** The whole application as processes, with a breakable network between them. */
export interface Stack extends AsyncDisposable {
  readonly redis: RedisService;
  readonly workers: readonly Member[];
  readonly servers: readonly Member[];
  /** Between the workers and Redis. */
  readonly workersLine: TcpProxy;
  /** Between the first worker and `workersLine`. Breaking it does not affect the other workers. */
  readonly firstWorkersLine: TcpProxy;
  /** Between the servers and Redis. */
  readonly serversLine: TcpProxy;
  /** Between clients and servers. Connections are assigned to servers round-robin. */
  readonly front: TcpProxy;
}

const WORKERS = 3;
const SERVERS = 2;

/** Options of a stack. */
export interface StackOptions {
  readonly historyPath: string;
  readonly record: Recorder;
  readonly durability: Durability;
  /** Adds a replica that submits do not wait for. If they do wait for one, there is one anyway. */
  readonly hasReplica: boolean;
  /** Whether the processes find Redis through sentinels, without the breakable lines in between. */
  readonly hasSentinels: boolean;
}

/** Starts Redis, three workers, two servers and the proxies between them. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { historyPath, record } = options;
  const { appendFsync, replicas } = KEPT_BY[options.durability];
  const redis = await RedisService.start({
    ...{ appendFsync, hasReplica: options.hasReplica || replicas > 0, hasSentinels: options.hasSentinels },
  });
  const toRedis = {
    get path() {
      return redis.socketPath;
    },
  };
  const workersLine = await createTcpProxy({ target: toRedis });
  const firstWorkersLine = await createTcpProxy({ target: { port: workersLine.port } });
  const serversLine = await createTcpProxy({ target: toRedis });
  const balance = createBalance();
  const front = await createTcpProxy({ target: balance.target });

  const workers = Array.from({ length: WORKERS }, (_, at) => {
    const env = {
      ...addressOf(redis, at === 0 ? firstWorkersLine : workersLine, "worker"),
      CHAOS_HISTORY: historyPath,
    };
    return new Member({ name: `worker-${at + 1}`, script: entry("worker-main"), env, record });
  });
  const servers = Array.from({ length: SERVERS }, (_, at) => {
    const onReady = (line: string): void => balance.set(at, Number(line.split(" ")[1]));
    const env = { ...addressOf(redis, serversLine, "server"), CHAOS_REPLICAS: String(replicas) };
    return new Member({ name: `server-${at + 1}`, script: entry("server-main"), env, record, onReady });
  });
  const stop = async (): Promise<void> => {
    await Promise.all([...workers, ...servers].map((member) => member.stop()));
    await Promise.all([front, firstWorkersLine, workersLine, serversLine].map((proxy) => proxy.stop()));
    await redis[Symbol.asyncDispose]();
  };
  try {
    await Promise.all([...workers, ...servers].map((member) => member.start()));
  } catch (error) {
    await stop();
    throw error;
  }
  const lines = { workersLine, firstWorkersLine, serversLine, front };
  return { redis, workers, servers, ...lines, [Symbol.asyncDispose]: stop };
}

// How the processes reach Redis: through a line, or where the sentinels say.
function addressOf(
  { sentinels }: RedisService,
  line: TcpProxy,
  username: "server" | "worker",
): { CHAOS_REDIS: string } {
  const account = { username, password: PASSWORD };
  const options =
    sentinels.length > 0
      ? { ...account, sentinels, name: "main", sentinelPassword: SENTINEL_PASSWORD }
      : { ...account, host: "127.0.0.1", port: line.port };
  return { CHAOS_REDIS: JSON.stringify(options) };
}

function entry(name: string): string {
  return fileURLToPath(new URL(`../${name}.ts`, import.meta.url));
}

// The proxy reads the port of its target for each connection. A restarted server has another port.
function createBalance(): { readonly target: { readonly port: number }; set(server: number, port: number): void } {
  const ports = new Map<number, number>();
  let turn = 0;
  return {
    target: {
      get port() {
        turn += 1;
        return [...ports.values()][turn % ports.size] ?? 0;
      },
    },
    set: (server, port) => void ports.set(server, port),
  };
}
