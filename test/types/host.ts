// The host application's side of what README shows: everything here is the adopter's own.

import { initTRPC, TRPCError } from "@trpc/server";
import superjson from "superjson";
import { defineJob, defineJobs, exponential, fixed } from "telltale";
import { z } from "zod";

export const Verdict = z.enum(["accepted", "wrong_answer"]);

export const judge = defineJob("judge", {
  input: z.object({ problem: z.string(), language: z.literal("javascript"), source: z.string().max(64_000) }),
  progress: z.object({ passed: z.int(), total: z.int() }),
  chunk: z.object({ text: z.string() }),
  output: z.object({ verdict: Verdict, passed: z.int(), at: z.date() }),
  errors: { unknown_problem: z.object({ problem: z.string() }) },
  retry: { attempts: 3, backoff: exponential("1s", { max: "1m" }) },
  timeout: "30s",
});
export const refund = defineJob("refund", {
  input: z.object({ order: z.string() }),
  output: z.object({ cents: z.int() }),
  retry: { backoff: fixed("5s") },
});
export const jobs = defineJobs(judge, refund);

export interface Context {
  readonly user: { readonly id: string; readonly role: "admin" | "user" } | null;
}

export const t = initTRPC.context<Context>().create({ transformer: superjson });

export const protectedProcedure = t.procedure.use(({ ctx, next }) => {
  if (!ctx.user) throw new TRPCError({ code: "UNAUTHORIZED" });
  return next({ ctx: { user: ctx.user } });
});

export declare const problems: ReadonlyMap<
  string,
  { readonly tests: readonly ((source: string, signal: AbortSignal) => Promise<boolean>)[] }
>;
