import { createHmac, randomBytes } from "node:crypto";
import type { jobs } from "@telltale/contracts";
import { createClient } from "telltale/client";
import { expect, test } from "vitest";
import { z } from "zod";
import { startProcesses, submission } from "./processes.js";

const Frame = z.object({ data: z.array(z.object({ jobs: z.record(z.string(), z.number()) })) });

test("users find their own jobs through the server, and not those of other users", async () => {
  await using stack = await startProcesses({ workers: 1 });
  await using mine = createClient<typeof jobs>({ url: stack.url });
  await using others = createClient<typeof jobs>({ url: stack.url });
  const job = await mine.judge.submit(submission("accepted-sum"), { tags: ["first"] });
  await job.result();

  const { jobs: found, cursor } = await mine.judge.list({ status: "completed", tag: "first" }).page();

  expect([found.map(({ id }) => id), cursor]).toEqual([[job.id], null]);
  expect(await mine.judge.job(job.id).get()).toMatchObject({ status: "completed", tags: ["first"], errors: [] });
  expect(await others.judge.list().page()).toEqual({ jobs: [], cursor: null });
  await expect(others.judge.job(job.id).get()).rejects.toMatchObject({ code: "not_found" });
  await expect(mine.$trpc.query("queues.list")).rejects.toMatchObject({ data: { telltale: { code: "forbidden" } } });
});

test("an operator can watch the statistics of all queues over a WebSocket", async () => {
  const secret = randomBytes(32).toString("hex");
  await using stack = await startProcesses({ workers: 1, env: { AUTH_SECRET: secret } });
  await using operator = createClient<typeof jobs>({
    url: stack.url,
    auth: signed({ sub: "op", role: "operator" }, secret),
  });
  await using ann = createClient<typeof jobs>({ url: stack.url, auth: signed({ sub: "ann" }, secret) });
  const seen: z.infer<typeof Frame>["data"][] = [];
  let hear: () => void = () => {};
  const completed = new Promise<void>((resolve) => {
    hear = () => seen.at(-1)?.[0]?.jobs.completed === 1 && resolve();
  });
  const watching = operator.$trpc.subscription(
    "queues.onStats",
    {},
    {
      onData: (frame: unknown) => {
        seen.push(Frame.parse(frame).data);
        hear();
      },
    },
  );
  await operator.$trpc.mutation("queues.pause", { queue: "judge" });
  const job = await ann.judge.submit(submission("accepted-sum"));
  expect(await operator.$trpc.query("queues.list")).toMatchObject([{ paused: true, jobs: { queued: 1 } }]);
  await operator.$trpc.mutation("queues.resume", { queue: "judge" });
  await job.result();
  await completed;
  watching.unsubscribe();

  expect(await operator.judge.list({ owner: "ann" }).page()).toMatchObject({ jobs: [{ id: job.id, owner: "ann" }] });
  await expect(ann.judge.list({ owner: "op" }).page()).rejects.toMatchObject({ code: "forbidden" });
});

/** Signs a token as an authentication service would. */
function signed(payload: object, secret: string): string {
  const [header, body] = [{ alg: "HS256" }, payload].map((part) =>
    Buffer.from(JSON.stringify(part)).toString("base64url"),
  );
  return `${header}.${body}.${createHmac("sha256", secret).update(`${header}.${body}`).digest("base64url")}`;
}
