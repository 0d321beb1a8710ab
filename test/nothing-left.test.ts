import { createTcpProxy, testRedis, waitFor } from "@telltale/testkit";
import { createClient } from "telltale/client";
import { expect, test } from "vitest";
import { askRedis, type EchoJobs, type OneProcess, openOneProcess } from "./one-process.js";

const WAYS = ["to the end", "leaves the loop", "aborts", "closes its client", "is cut off"] as const;

test("after all clients have left, in any way, no socket, subscription or listener is left behind", {
  timeout: 60_000,
}, async () => {
  await using redis = await testRedis();
  await using stack = await openOneProcess({ redis: redis.url, workers: 1 });
  // One visit of each kind first, because a process keeps some things that it opens once.
  for (const way of WAYS) for (const transport of ["ws", "sse"] as const) await visit(stack, { way, transport });
  const before = await standing(stack, redis.socketPath);

  const crowd = Array.from({ length: 6 }, () =>
    WAYS.flatMap((way) => (["ws", "sse"] as const).map((transport) => visit(stack, { way, transport }))),
  );
  await Promise.all(crowd.flat());

  expect(before).toMatchObject({ gateway: [0, 0, 0], hub: { watchers: 0, channels: 2 }, subscribed: 0 });
  expect(await standing(stack, redis.socketPath)).toEqual(before);
});

/** Submits a job, watches its status and its chunks, and leaves in the given way. */
async function visit(
  { url: direct, telltale }: OneProcess,
  { way, transport }: Readonly<{ way: (typeof WAYS)[number]; transport: "ws" | "sse" }>,
): Promise<void> {
  await using proxy = await createTcpProxy({ target: { port: Number(new URL(direct).port) } });
  const client = createClient<EchoJobs>({ url: proxy.url.replace(/^\w+:/, "http:"), router: "jobs", transport });
  const job = await client.echo.submit({ word: "hello", ends: way === "to the end" ? "well" : "never" });
  const leaving = new AbortController();
  let hear: () => void = () => {};
  const heard = new Promise<void>((resolve) => {
    hear = resolve;
  });
  const watching = (async () => {
    for await (const { status } of job.watch({ signal: leaving.signal })) {
      if (status !== "running") continue;
      hear();
      if (way === "leaves the loop") break;
    }
  })();
  const reading = (async () => {
    for await (const _ of job.chunks({ signal: leaving.signal })) if (way === "leaves the loop") break;
  })();
  // The watches of a client that closes end with an error.
  const ends = Promise.allSettled([watching, reading]);
  await Promise.race([heard, watching]);
  if (way === "aborts") leaving.abort();
  if (way === "closes its client") await client.close();
  if (way === "is cut off") {
    proxy.refuse();
    proxy.cutAll();
    await client.close();
  }
  await ends;
  if (way !== "to the end") await telltale.$engine.cancel(job.id);
  await client.close();
}

async function standing({ gateway, telltale }: OneProcess, socketPath: string): Promise<unknown> {
  const { hub } = telltale.$engine;
  await waitFor(() => gateway.connections === 0 && hub.load.watchers === 0, { timeoutMs: 15_000 });
  // The worker still listens for cancels, and for being asked to drain. Channels without watchers are kept for five seconds.
  await waitFor(() => hub.load.channels <= 2, { timeoutMs: 15_000 });
  return {
    gateway: [gateway.connections, gateway.sockets, gateway.subscriptions],
    hub: hub.load,
    redis: (await askRedis(socketPath, "CLIENT LIST")).match(/^id=/gm)?.length,
    subscribed: (await askRedis(socketPath, "PUBSUB CHANNELS *")).match(/:feed:|:chunks:/g)?.length ?? 0,
    open: process
      .getActiveResourcesInfo()
      .filter((name) => /TCP|Pipe/.test(name))
      .sort(),
    listening: process.eventNames().map((name) => [name, process.listenerCount(name)]),
  };
}
