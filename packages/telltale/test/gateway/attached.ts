import { type AttachOptions, createGateway, type Gateway, type GatewayOptions } from "telltale/gateway";
import { type ExampleRouter, exampleRouter } from "./example-router.js";
import { Feed } from "./feed.js";
import { HOSTS, type Host } from "./hosts.js";

/** A gateway of the example router. */
export function exampleGateway(options: Partial<GatewayOptions<ExampleRouter>> = {}, feed: Feed = new Feed()): Gateway {
  return createGateway<ExampleRouter>({
    router: exampleRouter({ feed }),
    createContext: ({ connectionParams, req }) => ({
      user: connectionParams?.user ?? req.headers.authorization ?? null,
    }),
    logger: false,
    ...options,
  });
}

/** A listening host with a gateway attached to it. Disposing closes both, the gateway first and without a grace. */
export interface Attached extends AsyncDisposable {
  readonly host: Host;
  readonly gateway: Gateway;
  readonly feed: Feed;
  readonly port: number;
  readonly url: string;
  readonly wsUrl: string;
}

/** Opens one. */
export async function attached(
  options: Readonly<
    Partial<GatewayOptions<ExampleRouter>> & { host?: Host; address?: string; attach?: AttachOptions }
  > = {},
): Promise<Attached> {
  const { host = HOSTS["node:http"](), address, attach, ...rest } = options;
  const feed = new Feed();
  const gateway = exampleGateway(rest, feed);
  gateway.attach(host.server, attach);
  const port = await host.listen(address);
  const close = async (): Promise<void> => {
    await gateway.close({ graceMs: 0 });
    await host[Symbol.asyncDispose]();
  };
  return {
    host,
    gateway,
    feed,
    port,
    url: `http://127.0.0.1:${port}`,
    wsUrl: `ws://127.0.0.1:${port}/trpc`,
    [Symbol.asyncDispose]: close,
  };
}
