/** The configuration of a server. */
export interface ServerConfig {
  readonly dir: string;
  readonly socketPath: string;
  /** TCP port on 127.0.0.1; 0 turns TCP off. */
  readonly port: number;
  readonly appendOnly: boolean;
  /** Directives of redis.conf, which override the defaults. */
  readonly config: Readonly<Record<string, string>>;
}

/** Returns the text of a redis.conf. Even with TCP there is a unix socket, which identifies the server of a folder. */
export function configText(options: ServerConfig): string {
  const directives: Readonly<Record<string, string>> = {
    bind: "127.0.0.1",
    port: String(options.port),
    unixsocket: quote(options.socketPath),
    unixsocketperm: "700",
    dir: quote(options.dir),
    daemonize: "no",
    save: quote(""),
    appendonly: options.appendOnly ? "yes" : "no",
    // Any other policy evicts jobs. Telltale refuses such a server at start-up.
    "maxmemory-policy": "noeviction",
    ...options.config,
  };
  const lines = Object.entries(directives).map(([name, value]) => `${name} ${value === "" ? quote("") : value}`);
  return `${lines.join("\n")}\n`;
}

function quote(value: string): string {
  return `"${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}
