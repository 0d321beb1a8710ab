import { createServer, type RequestListener } from "node:http";
import { createTRPCClient, httpBatchLink, httpLink, type TRPCLink } from "@trpc/client";
import { initTRPC, TRPCError } from "@trpc/server";
import { createHTTPHandler } from "@trpc/server/adapters/standalone";
import superjson from "superjson";
import { transformer } from "telltale";
import { createClient, createJobsClient } from "telltale/client";
import { telltaleErrorFormatter } from "telltale/trpc";
import { expect, test } from "vitest";
import { z } from "zod";
import { JUDGE_ID, type jobs } from "./contracts.js";
import { isTrpcFrom } from "./trpc-version.js";

/** An app that serves jobs procedures under `jobs`, and an HTML page at all addresses other than /trpc. */
async function startApp(options: Readonly<{ hasTransformer?: boolean; allowMethodOverride?: boolean }> = {}) {
  const { hasTransformer = true, allowMethodOverride = true } = options;
  const t = initTRPC.create({ errorFormatter: telltaleErrorFormatter, ...(hasTransformer && { transformer }) });
  const unauthorized = t.procedure.use(() => {
    throw new TRPCError({ code: "UNAUTHORIZED" });
  });
  const input = z.object({ id: z.string() });
  const router = t.router({
    jobs: t.router({
      submit: t.procedure.input(z.object({ kind: z.string() })).mutation(() => null),
      cancel: unauthorized.mutation(() => null),
      get: t.procedure.input(input).query(() => null),
    }),
  });
  const trpc = createHTTPHandler({ router, basePath: "/trpc/", allowMethodOverride });
  const page: RequestListener = (_, res) => res.writeHead(404, { "content-type": "text/html" }).end("<!DOCTYPE html>");
  const server = createServer((req, res) => (req.url?.startsWith("/trpc") ? trpc(req, res) : page(req, res)));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A jobs client on the application's own tRPC client with this link. */
// biome-ignore lint/suspicious/noExplicitAny: the client's router is only known to the test's server
function jobsClient(link: TRPCLink<any>) {
  // biome-ignore lint/suspicious/noExplicitAny: as above
  return createJobsClient<typeof jobs>(createTRPCClient<any>({ links: [link] }).jobs as never);
}

test("a client at the root of an app that mounts the jobs as `jobs` says to pass the router's name", async () => {
  await using app = await startApp();
  await using client = createClient<typeof jobs>({ url: app.url });
  const message = expect.stringMatching(
    /no procedure (submit|get)\. .* pass `router: "jobs"` to createClient, or trpc\.jobs/,
  );

  await expect(client.judge.submit({ source: "" })).rejects.toMatchObject({ code: "invalid_config", message });
  await expect(client.judge.job(JUDGE_ID).get()).rejects.toMatchObject({ code: "invalid_config", message });
});

test.each([
  ["a link without superjson", {}, undefined],
  ["a server without a transformer", { hasTransformer: false }, superjson],
])("%s is named as the likely cause of an unreadable reply", async (_what, options, links) => {
  await using app = await startApp(options);
  // The types require a transformer, because the client's router is any.
  const client = jobsClient(httpBatchLink({ url: `${app.url}/trpc`, transformer: links as typeof superjson }));

  await expect(client.judge.job(JUDGE_ID).get()).rejects.toMatchObject({
    code: "outcome_unknown",
    message: expect.stringMatching(/Unable to transform .*Do the links use superjson, and the router Telltale's/),
  });
});

test("a link with a wrong url is told to check it", async () => {
  await using app = await startApp();
  const client = jobsClient(httpLink({ url: `${app.url}/api`, transformer: superjson }));

  await expect(client.judge.job(JUDGE_ID).get()).rejects.toMatchObject({
    message: expect.stringMatching(/is not valid JSON\. Check the url\./),
  });
});

test.each([404, 405])("a link whose url leads to another server's JSON gets invalid_config (%i)", async (status) => {
  const fetch = async () => Response.json({ message: "no such page" }, { status });
  const client = jobsClient(httpLink({ url: "http://127.0.0.1:1/trpc", transformer: superjson, fetch }));

  await expect(client.judge.job(JUDGE_ID).get()).rejects.toMatchObject({
    code: "invalid_config",
    message: expect.stringContaining(`The server returned ${status}, but not with a tRPC reply. Check the url`),
  });
});

test("a server whose adapter does not allow queries by POST is told which option to set", async () => {
  await using app = await startApp({ allowMethodOverride: false });
  const url = `${app.url}/trpc`;
  const client = jobsClient(httpLink({ url, transformer: superjson, methodOverride: "POST" }));

  await expect(client.judge.job(JUDGE_ID).get()).rejects.toMatchObject({
    code: "invalid_config",
    message: expect.stringContaining("Set `allowMethodOverride: true`"),
  });
});

test("an app that rejects a caller without a message says how a WebSocket sends its token", async () => {
  await using app = await startApp();
  await using client = createClient<typeof jobs>({ url: app.url, router: "jobs" });

  await expect(client.judge.job(JUDGE_ID).cancel()).rejects.toMatchObject({
    code: "unauthorized",
    message: expect.stringContaining("`createContext` must read the token from `connectionParams`"),
  });
});

test.each(["ws", "sse"] as const)(
  "over %s, a url that leads to a page ends a watch with the address and what came back",
  async (transport) => {
    const server = createServer((_, res) => res.writeHead(200, { "content-type": "text/html" }).end("<!DOCTYPE html>"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}/wrong`;
    await using client = createClient<typeof jobs>({ url, transport });

    const watched = client.judge.job(JUDGE_ID, { token: "secret" }).watch().next();

    const message = `${url}/onStatus returned text/html, which is not an event stream. Check the url`;
    await expect(watched).rejects.toMatchObject({ code: "invalid_config", ...(isTrpcFrom(11, 25) && { message }) });
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  },
);
