import { createGateway, type Gateway, type GatewayAddress, type GatewayOptions } from "telltale/gateway";
import { type ExampleRouter, exampleRouter } from "./example-router.js";
import { Feed } from "./feed.js";

/** A listening gateway of the example router. It trusts the `user` that the caller sends. */
export interface OpenGateway extends AsyncDisposable, GatewayAddress {
  readonly gateway: Gateway;
  readonly feed: Feed;
  readonly wsUrl: string;
}

/** Opens one on a free port. Disposing closes it without a grace. */
export async function openGateway(
  { feed = new Feed(), ...options }: Readonly<Partial<GatewayOptions<ExampleRouter>> & { feed?: Feed }> = {},
  host?: string,
): Promise<OpenGateway> {
  const gateway = createGateway<ExampleRouter>({
    router: exampleRouter({ feed }),
    createContext: ({ connectionParams, req }) => ({
      user: connectionParams?.user ?? req.headers.authorization ?? null,
    }),
    logger: false,
    ...options,
  });
  const address = await gateway.listen(0, host);
  return {
    ...address,
    gateway,
    feed,
    wsUrl: `ws://127.0.0.1:${address.port}/trpc`,
    [Symbol.asyncDispose]: () => gateway.close({ graceMs: 0 }),
  };
}
