import { randomUUID } from "node:crypto";
import { testRedis, waitFor } from "@telltale/testkit";
import { createTRPCClient, createWSClient, httpLink, splitLink, wsLink } from "@trpc/client";
import { initTRPC } from "@trpc/server";
import { type BulkProgress, defineJob, defineJobs, handle, transformer, type WorkerList } from "telltale";
import { createClient, createJobsClient, createOperatorClient, type OperatorClient } from "telltale/client";
import { createGateway } from "telltale/gateway";
import { createTelltale } from "telltale/server";
import { createJobsRouter, type Subject, telltaleErrorFormatter } from "telltale/trpc";
import { createWorker } from "telltale/worker";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { WebSocket } from "ws";
import { z } from "zod";
import { startJobsServer } from "./jobs-server.js";

const mail = defineJob("mail", { input: z.object({}), output: z.null() });
const jobs = defineJobs(mail);

let redis: Awaited<ReturnType<typeof testRedis>>;
beforeAll(async () => {
  redis = await testRedis();
});
afterAll(() => redis.stop());

/** A gateway with a jobs router at `jobs`. The caller's token is their name, and `root` is an operator. */
async function open() {
  const telltale = createTelltale({ jobs, redis: redis.url, prefix: `t${randomUUID().slice(0, 8)}`, statsEveryMs: 20 });
  onTestFinished(() => telltale[Symbol.asyncDispose]());
  const t = initTRPC.context<{ subject: Subject }>().create({ transformer, errorFormatter: telltaleErrorFormatter });
  const router = t.router({
    jobs: createJobsRouter(telltale, { procedure: t.procedure, subject: ({ subject }) => subject, submit: ["mail"] }),
  });
  const gateway = createGateway({
    ...{ router, logger: false },
    createContext: ({ req, connectionParams }) => {
      const id = String(connectionParams?.authorization ?? req.headers.authorization).replace("Bearer ", "");
      return { subject: { id, operator: id === "root" } };
    },
  });
  onTestFinished(() => gateway.close({ graceMs: 0 }));
  const { url } = await gateway.listen(0);
  const work = (name: string) => {
    const handler = handle(mail, async () => null);
    const worker = createWorker({ telltale, handlers: [handler], name, pollMs: 50, graceMs: 0, logger: false });
    onTestFinished(() => worker.stop());
    return worker;
  };
  return { telltale, router, url, work };
}

type App = Awaited<ReturnType<typeof open>>["router"];

const SOURCES: Readonly<Record<string, (url: string) => OperatorClient>> = {
  "a client of createClient over a WebSocket": (url) => {
    const client = createClient<typeof jobs>({ url, router: "jobs", auth: "root" });
    onTestFinished(() => client.close());
    return createOperatorClient(client);
  },
  "a client of createClient over server-sent events": (url) => {
    const client = createClient<typeof jobs>({ url, router: "jobs", auth: "root", transport: "sse" });
    onTestFinished(() => client.close());
    return createOperatorClient(client);
  },
  "the jobs procedures of a tRPC client": (url) => {
    const ws = createWSClient({
      url: `${url.replace("http", "ws")}/trpc`,
      WebSocket: WebSocket as never,
      connectionParams: { authorization: "root" },
    });
    onTestFinished(() => ws.close());
    const calls = httpLink({ url: `${url}/trpc`, transformer, headers: { authorization: "root" } });
    const trpc = createTRPCClient<App>({
      links: [
        splitLink({
          condition: (op) => op.type === "subscription",
          true: wsLink({ client: ws, transformer }),
          false: calls,
        }),
      ],
    });
    createJobsClient<typeof jobs>(trpc.jobs);
    return createOperatorClient(trpc.jobs);
  },
};

test.each(Object.entries(SOURCES))(
  "an operator sees and drains workers, and pauses queues, with %s",
  async (_, source) => {
    const { url, work } = await open();
    const operator = source(url);
    const worker = work("web");
    await waitFor(async () => (await operator.workers.list()).total === 1);
    const watched = operator.workers.watch();
    const first = await watched.next();

    expect(first.value).toMatchObject({ total: 1, workers: [{ name: "web", id: worker.id, draining: false }] });
    const seen = (async (): Promise<WorkerList | null> => {
      for await (const list of watched) if (list.workers.every(({ draining }) => draining)) return list;
      return null;
    })();
    expect(await operator.workers.drain("web")).toEqual({ name: "web", asked: 1 });
    expect(await seen).toMatchObject({ workers: [{ id: worker.id }] });
    expect(await operator.queues.list()).toMatchObject([{ queue: "mail", paused: false }]);
    const queues = operator.queues.watch();
    expect((await queues.next()).value).toMatchObject([{ queue: "mail", paused: false }]);
    expect(await operator.queues.pause("mail")).toEqual({ queue: "mail", paused: true });
    const paused = async (): Promise<boolean> => {
      for await (const [mail] of queues) if (mail?.paused) return true;
      return false;
    };
    expect(await paused()).toBe(true);
    expect(await operator.queues.resume("mail")).toEqual({ queue: "mail", paused: false });
  },
);

test("an operator reads the history and the failures, and acts on all jobs that match", async () => {
  const { telltale, url } = await open();
  const client = createClient<typeof jobs>({ url, router: "jobs", auth: "root" });
  onTestFinished(() => client.close());
  const operator = createOperatorClient(client);
  for (let i = 0; i < 30; i++) await telltale.mail.submit({}, { delay: i < 10 ? "1h" : 0 });
  const last = async (steps: AsyncIterable<BulkProgress>): Promise<BulkProgress | undefined> => {
    let progress: BulkProgress | undefined;
    for await (progress of steps);
    return progress;
  };

  expect((await operator.queues.history({ queue: "mail", since: "1h" })).totals).toMatchObject({ submitted: 30 });
  expect(await last(operator.bulk.cancel({ status: ["queued"] }, { dryRun: true }))).toMatchObject({
    matched: 20,
    done: 0,
  });
  expect(await last(operator.bulk.runNow({ status: ["scheduled"] }))).toMatchObject({ done: 10, finished: true });
  expect(await last(operator.queues.drain("mail"))).toMatchObject({ done: 30, finished: true });
  expect(await last(operator.bulk.rerun({ status: ["cancelled"] }))).toMatchObject({ done: 30 });
  expect(await last(operator.bulk.cancel({ kind: "mail" }))).toMatchObject({ done: 30 });
  expect(await last(operator.queues.clean("mail", { olderThan: "1h" }))).toMatchObject({ matched: 0 });
  expect(await operator.failures()).toEqual([]);
  expect(() => operator.queues.obliterate("mail", { confirm: "male" })).toThrow(
    expect.objectContaining({ code: "invalid_input" }),
  );
  await operator.queues.pause("mail");
  expect(await last(operator.queues.obliterate("mail", { confirm: "mail" }))).toMatchObject({
    done: 30,
    finished: true,
  });
});

test("a watch of workers resumes after the last list that was received", async () => {
  const { url, work } = await open();
  const client = createClient<typeof jobs>({ url, router: "jobs", auth: "root" });
  onTestFinished(() => client.close());
  const operator = createOperatorClient(client);
  work("one");
  await waitFor(async () => (await operator.workers.list()).total === 1);
  const watched = operator.workers.watch();
  await watched.next();
  const after = watched.position;
  await watched.return?.();

  const resumed = operator.workers.watch({ after }).next();
  work("two");

  expect((await resumed).value).toMatchObject({ total: 2 });
});

test("callers who are not operators, unknown names and names that cannot be are refused with their codes", async () => {
  const { url } = await open();
  const clients = ["ann", "root"].map((auth) => createClient<typeof jobs>({ url, router: "jobs", auth }));
  onTestFinished(async () => void (await Promise.all(clients.map((client) => client.close()))));
  const [ann, root] = clients.map((client) => createOperatorClient(client));

  await expect(ann?.workers.list()).rejects.toMatchObject({ code: "forbidden" });
  await expect(ann?.workers.drain("web")).rejects.toMatchObject({ code: "forbidden" });
  await expect(ann?.workers.watch().next()).rejects.toMatchObject({ code: "forbidden" });
  await expect(root?.workers.drain("web")).rejects.toMatchObject({ code: "not_found" });
  await expect(root?.workers.drain("x".repeat(10_240))).rejects.toMatchObject({ code: "invalid_input" });
});

test("an operator's client is closed with the client that it was made from, or by its own signal", async () => {
  const { url } = await open();
  const client = createClient<typeof jobs>({ url, router: "jobs", auth: "root" });
  const closing = new AbortController();
  const own = createOperatorClient(client, { signal: closing.signal });
  const operator = createOperatorClient(client);
  const watched = operator.queues.watch();
  await watched.next();
  const ended = expect(watched.next()).rejects.toMatchObject({ code: "closed" });

  closing.abort();
  await expect(own.workers.list()).rejects.toMatchObject({ code: "closed" });
  expect(await operator.workers.list()).toMatchObject({ total: 0 });
  await client.close();

  await ended;
  await expect(operator.workers.list()).rejects.toMatchObject({ code: "closed" });
  await expect(createOperatorClient(client).workers.list()).rejects.toMatchObject({ code: "closed" });
});

test("a server without these procedures, such as an older one, is reported as one", async () => {
  await using server = await startJobsServer({});
  await using client = createClient<typeof jobs>({ url: server.url });

  await expect(createOperatorClient(client).workers.list()).rejects.toMatchObject({ code: "invalid_config" });
});

test("an unknown option is refused by name", () => {
  const client = createClient<typeof jobs>({ url: "http://127.0.0.1:1" });
  onTestFinished(() => client.close());

  expect(() => createOperatorClient(client, { timeout: 5 } as never)).toThrow(
    expect.objectContaining({ code: "invalid_config", message: expect.stringContaining("timeout") }),
  );
});
