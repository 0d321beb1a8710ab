/** What decides how the server is configured. */
export interface ServerConfig {
  readonly dir: string;
  readonly socketPath: string;
  /** TCP port on 127.0.0.1; 0 turns TCP off. */
  readonly port: number;
  readonly appendOnly: boolean;
  /** Directives of redis.conf, which win over ours. */
  readonly config: Readonly<Record<string, string>>;
}

/** The text of a redis.conf. The socket is there with TCP too: it is how we know that it is *our* server that answers. */
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
    // Anything else evicts jobs; Telltale refuses such a server when it starts.
    "maxmemory-policy": "noeviction",
    ...options.config,
  };
  const lines = Object.entries(directives).map(([name, value]) => `${name} ${value === "" ? quote("") : value}`);
  return `${lines.join("\n")}\n`;
}

function quote(value: string): string {
  return `"${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}
