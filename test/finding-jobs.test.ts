import { createClient } from "@telltale/client";
import type { jobs } from "@telltale/contracts";
import { expect, test } from "vitest";
import { startProcesses, submission } from "./processes.js";

test("whoever submitted a job finds it again through the server, and nobody else does", async () => {
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
