import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** A line to a server of 127.0.0.1 that can go dead without a word, as lines do while a laptop sleeps. */
export interface Relay extends AsyncDisposable {
  readonly url: string;
  /** The number of connections that were opened or tried. */
  readonly tries: number;
  /** From now on, nothing passes through the present connections. Later ones work. */
  goDead(): void;
  /** Resets present and later connections. */
  refuse(): void;
  /** Lets later connections through again. */
  accept(): void;
  /** Later connections are opened, but nothing passes through them until `release`. */
  hold(): void;
  /** Lets what was held pass, and later connections work. */
  release(): void;
  /** The number of connections that are held. */
  readonly held: number;
}

/** Opens a relay on a free port. */
export async function startRelay(target: string): Promise<Relay> {
  const port = Number(new URL(target).port);
  const open = new Set<readonly [Socket, Socket]>();
  const dead = new Set<Socket>();
  let tries = 0;
  let isRefusing = false;
  let isHolding = false;
  const held: Socket[] = [];
  const server = createServer((client) => {
    tries++;
    client.on("error", () => {});
    if (isRefusing) {
      client.resetAndDestroy();
      return;
    }
    if (isHolding) held.push(client);
    else forward(client);
  });
  const forward = (client: Socket): void => {
    const host = connect(port, "127.0.0.1");
    host.on("error", () => {});
    const pair = [client, host] as const;
    open.add(pair);
    client.on("data", (data) => dead.has(client) || host.write(data));
    host.on("data", (data) => dead.has(client) || client.write(data));
    client.on("close", () => {
      open.delete(pair);
      if (!dead.has(client)) host.destroy();
    });
    host.on("close", () => dead.has(client) || client.destroy());
  };
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The relay has no port");
  const cut = (): void => {
    for (const [client, host] of open) {
      client.destroy();
      host.destroy();
    }
  };

  return {
    url: `http://127.0.0.1:${address.port}`,
    get tries() {
      return tries;
    },
    goDead: () => {
      for (const [client] of open) dead.add(client);
    },
    refuse: () => {
      isRefusing = true;
      cut();
    },
    accept: () => {
      isRefusing = false;
    },
    hold: () => {
      isHolding = true;
    },
    release: () => {
      isHolding = false;
      for (const client of held.splice(0)) forward(client);
    },
    get held() {
      return held.length;
    },
    [Symbol.asyncDispose]: async () => {
      for (const client of held) client.destroy();
      cut();
      server.close();
      await once(server, "close");
    },
  };
}
