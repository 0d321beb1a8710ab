import { randomUUID } from "node:crypto";
import { testRedis } from "@telltale/testkit";
import { initTRPC } from "@trpc/server";
import { defineJob, defineJobs, transformer } from "telltale";
import { createClient } from "telltale/client";
import { createGateway } from "telltale/gateway";
import { createTelltale } from "telltale/server";
import { createJobsRouter, telltaleErrorFormatter } from "telltale/trpc";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";

const note = defineJob("note", { input: z.object({}), output: z.object({}) });
const jobs = defineJobs(note);

let redis: Awaited<ReturnType<typeof testRedis>>;
beforeAll(async () => {
  redis = await testRedis();
});
afterAll(() => redis.stop());

/** A server made as the README says: six lines for the jobs, without the option `token`. */
async function openServer() {
  const telltale = createTelltale({ jobs, redis: redis.url, prefix: `t${randomUUID().slice(0, 8)}`, logger: false });
  const t = initTRPC.context<{ user: string | null }>().create({ transformer, errorFormatter: telltaleErrorFormatter });
  const router = t.router({
    jobs: createJobsRouter(telltale, {
      procedure: t.procedure,
      subject: ({ user }) => (user === null ? null : { id: user }),
      submit: ["note"],
    }),
  });
  const tokensInUrls: string[] = [];
  const gateway = createGateway({
    router,
    createContext: ({ req, connectionParams }) => {
      if (/eyJ/.test(req.url ?? "")) tokensInUrls.push(req.url ?? "");
      const authorization = connectionParams?.authorization ?? req.headers.authorization;
      return { user: /^Bearer (ann|bob)$/.exec(authorization ?? "")?.[1] ?? null };
    },
    logger: false,
  });
  const { url } = await gateway.listen(0);
  return {
    url,
    tokensInUrls,
    telltale,
    async [Symbol.asyncDispose]() {
      await gateway.close();
      await telltale[Symbol.asyncDispose]();
    },
  };
}

test.each(["ws", "sse"] as const)(
  "over %s, the owner of a job and a user with its token can watch it",
  async (transport) => {
    await using server = await openServer();
    await using ann = createClient<typeof jobs>({ url: server.url, router: "jobs", auth: "ann", transport });
    await using bob = createClient<typeof jobs>({ url: server.url, router: "jobs", auth: "bob", transport });
    await using stranger = createClient<typeof jobs>({ url: server.url, router: "jobs", auth: "nobody", transport });
    const job = await ann.note.submit({});

    const firstOf = async (watched: ReturnType<typeof job.watch>): Promise<string> => {
      for await (const { status } of watched) return status;
      return "nothing";
    };

    expect(await firstOf(job.watch())).toBe("queued");
    expect(await firstOf(bob.note.job(job.id, { token: String(job.token) }).watch())).toBe("queued");
    expect(await firstOf(stranger.note.job(job.id, { token: String(job.token) }).watch())).toBe("queued");
    await expect(firstOf(bob.note.job(job.id).watch())).rejects.toMatchObject({ code: "not_found" });
    await expect(firstOf(stranger.note.job(job.id).watch())).rejects.toMatchObject({ code: "unauthorized" });
    expect(server.tokensInUrls).toEqual([]);
  },
);
