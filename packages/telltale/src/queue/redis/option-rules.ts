import type { RedisOptions } from "ioredis";

/** The type of an option in the query of a URL. */
type UrlType = "text" | "number" | "boolean" | "tls";

/** What Telltale does with an option of ioredis: use it for every connection, or refuse it. */
export type OptionRule =
  | { readonly use: true; readonly inUrl?: UrlType }
  | { readonly use: false; readonly why: string; readonly unless?: readonly unknown[] };

const INSIDE = { use: true } as const;
const TEXT = { use: true, inUrl: "text" } as const;
const NUMBER = { use: true, inUrl: "number" } as const;
const BOOLEAN = { use: true, inUrl: "boolean" } as const;

/** Refuses an option, except for values that mean what Telltale does anyway. */
function refuse(why: string, ...unless: readonly unknown[]): OptionRule {
  return { use: false, why, unless };
}

const RECONNECTING = "Telltale reconnects by itself, within about a second and without giving up";
const TIMEOUTS = "Telltale sets its own timeouts, because leases depend on them";
const BY_ROLE = "Telltale sets it as each of its connections needs it";
const PRIMARY = "Telltale writes, so it connects only to the primary";
const REPLIES = "Telltale reads replies in the default format of ioredis";
const UNUSED = "Telltale has no use for it";

/** A rule for each option of ioredis. A new version of ioredis with more options does not compile until each has one. */
export const OPTION_RULES = {
  host: TEXT,
  port: NUMBER,
  family: NUMBER,
  path: TEXT,
  username: TEXT,
  password: TEXT,
  db: NUMBER,
  tls: { use: true, inUrl: "tls" },
  connectionName: TEXT,
  disableClientInfo: BOOLEAN,
  clientInfoTag: TEXT,
  protocol: NUMBER,
  noDelay: BOOLEAN,
  keepAlive: NUMBER,
  connectTimeout: NUMBER,
  disconnectTimeout: NUMBER,
  enableReadyCheck: BOOLEAN,
  maxLoadingRetryTime: NUMBER,
  lazyConnect: BOOLEAN,
  showFriendlyErrorStack: BOOLEAN,
  Connector: INSIDE,

  sentinels: INSIDE,
  name: TEXT,
  sentinelUsername: TEXT,
  sentinelPassword: TEXT,
  sentinelTLS: INSIDE,
  enableTLSForSentinelMode: BOOLEAN,
  sentinelCommandTimeout: NUMBER,
  sentinelMaxConnections: NUMBER,
  updateSentinels: BOOLEAN,
  failoverDetector: BOOLEAN,
  natMap: INSIDE,

  keyPrefix: refuse(
    "it does not apply to Lua scripts and channels. To separate applications, use the option `prefix` of createTelltale",
    "",
  ),
  retryStrategy: refuse(RECONNECTING),
  reconnectOnError: refuse(RECONNECTING, null),
  maxRetriesPerRequest: refuse(RECONNECTING),
  sentinelRetryStrategy: refuse(RECONNECTING),
  sentinelReconnectStrategy: refuse(RECONNECTING),
  commandTimeout: refuse(TIMEOUTS),
  blockingTimeout: refuse(TIMEOUTS),
  blockingTimeoutGrace: refuse(TIMEOUTS),
  socketTimeout: refuse(TIMEOUTS),
  enableOfflineQueue: refuse(BY_ROLE),
  autoResubscribe: refuse(BY_ROLE),
  autoResendUnfulfilledCommands: refuse(BY_ROLE),
  enableAutoPipelining: refuse("Telltale sends calls of the same tick together by itself", false),
  autoPipeliningIgnoredCommands: refuse(UNUSED),
  role: refuse(PRIMARY, "master"),
  preferredSlaves: refuse(PRIMARY),
  readOnly: refuse(PRIMARY, false),
  stringNumbers: refuse(REPLIES, false),
  replyMapping: refuse(REPLIES, "legacy"),
  monitor: refuse(UNUSED, false),
  scripts: refuse(UNUSED),
  himportFieldsets: refuse(UNUSED),
  offlineQueue: refuse(UNUSED),
  commandQueue: refuse(UNUSED),
} as const satisfies Record<keyof RedisOptions, OptionRule>;

/** Returns the rule of an option, or undefined if ioredis has no such option. */
export function ruleOf(name: string): OptionRule | undefined {
  return Object.entries(OPTION_RULES).find(([known]) => known === name)?.[1];
}
