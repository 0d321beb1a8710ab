import { defineJob, defineJobs } from "telltale";
import { createTelltale } from "telltale/server";
import { expect } from "vitest";
import { z } from "zod";
import { encode } from "../../src/core/codec/codec.js";
import { claimOne, test } from "./harness.js";

test("failed jobs are grouped by kind and code, with their number and when the first and the last one failed", async ({
  h,
}) => {
  const shape = { input: z.int(), output: z.unknown(), queue: "shared", errors: { broke: z.object({}) } };
  const jobs = defineJobs(defineJob("one", shape), defineJob("two_", shape));
  await using telltale = createTelltale({
    jobs,
    redis: h.source,
    prefix: h.prefix,
    clock: () => h.clock.now(),
    logger: false,
  });
  const scripts = telltale.$engine.scripts("shared");
  const start = h.clock.now();
  const fail = async (kind: "one" | "two_", code: string): Promise<string> => {
    const { id } = await telltale[kind].submit(1);
    const error = encode({ code, message: "no" });
    await scripts.fail({ ...(await claimOne(scripts)), error, retryInMs: null, pending: null });
    h.clock.advance(10);
    return id;
  };
  await fail("one", "broke");
  await fail("two_", "broke");
  await fail("one", "timeout");
  const rerun = await fail("one", "broke");
  await fail("one", "broke");
  await telltale.$engine.rerun(rerun);

  const group = { queue: "shared", isPartial: false };
  expect(await telltale.$failures()).toEqual([
    { ...group, kind: "one", code: "broke", count: 2, firstAt: start, lastAt: start + 40 },
    { ...group, kind: "one", code: "timeout", count: 1, firstAt: start + 20, lastAt: start + 20 },
    { ...group, kind: "two_", code: "broke", count: 1, firstAt: start + 10, lastAt: start + 10 },
  ]);
});
