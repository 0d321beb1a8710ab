import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What a program can hold besides its contracts; vanilla needs the router. A gateway is not measured. */
export const PARTS = ["handlers", "router", "sdk", "vanilla"];

/** The ways of finding modules a program must compile with. */
export const RESOLUTIONS = ["nodenext", "bundler"];

const MODULE = { nodenext: "NodeNext", bundler: "ESNext" };

/**
 * Writes a strict TypeScript program that uses Telltale with this many kinds of jobs, each with schemas of its own: a
 * handler for each kind, the router, and each kind submitted and watched with the SDK's client and with tRPC's own.
 *
 * @param {string} folder
 * @param {{ kinds: number, parts?: readonly string[], resolution?: string, declaration?: boolean }} options
 */
export function writeTypedProgram(folder, { kinds, parts = PARTS, resolution = "nodenext", declaration = false }) {
  const all = Array.from({ length: kinds }, (_, i) => ({ i, name: `job${i}`, streams: i % 3 === 0 }));
  const files = { "contracts.ts": contracts(all) };
  if (parts.includes("handlers")) files["handlers.ts"] = handlers(all);
  if (parts.includes("router")) files["router.ts"] = router(all);
  if (parts.includes("sdk")) files["sdk.ts"] = sdk(all);
  if (parts.includes("vanilla")) files["vanilla.ts"] = vanilla(all);
  if (parts.includes("gateway")) files["gateway.ts"] = GATEWAY;
  const compilerOptions = {
    ...{ strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, skipLibCheck: true },
    ...{ target: "ES2023", lib: ["ES2023", "ESNext.Disposable", "DOM", "DOM.Iterable"], types: ["node"] },
    ...{ module: MODULE[resolution], moduleResolution: resolution },
    ...(declaration ? { declaration, emitDeclarationOnly: true, outDir: "out" } : { noEmit: true }),
  };
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: Object.keys(files) }));
}

const contracts = (kinds) => `import { defineJob, defineJobs } from "telltale";
import { z } from "zod";
${kinds
  .map(
    ({ i, name, streams }) => `export const ${name} = defineJob("${name}", {
  input: z.object({
    id${i}: z.string().min(1).max(64),
    amount: z.number().positive(),
    mode: z.enum(["fast", "exact", "mode${i}"]),
    items: z.array(z.object({ sku: z.string(), count: z.int() })).default([]),
    note: z.string().optional(),
  }),
  progress: z.object({ done${i}: z.int(), total: z.int() }),${streams ? `\n  chunk: z.object({ text${i}: z.string() }),` : ""}
  output: z.object({
    verdict: z.enum(["accepted", "rejected", "verdict${i}"]),
    at: z.date(),
    rows: z.array(z.object({ name: z.string(), value: z.number() })),
  }),
  errors: { not_payable: z.object({ reason${i}: z.string() }), over_limit_${i}: z.object({ limit: z.int() }) },
});`,
  )
  .join("\n")}
export const jobs = defineJobs(${kinds.map(({ name }) => name).join(", ")});
`;

const handlers = (kinds) => `import { handle } from "telltale";
import { createTelltale } from "telltale/server";
import { createWorker } from "telltale/worker";
import { jobs, ${kinds.map(({ name }) => name).join(", ")} } from "./contracts.js";
${kinds
  .map(
    ({
      i,
      name,
      streams,
    }) => `const handle${i} = handle(${name}, async ({ input, progress, ${streams ? "chunk, " : ""}fail }) => {
  if (input.amount > 100) throw fail("over_limit_${i}", { limit: 100 });
  progress({ done${i}: 1, total: input.items.length });${streams ? `\n  chunk({ text${i}: input.id${i} });` : ""}
  return { verdict: "accepted", at: new Date(), rows: [{ name: input.id${i}, value: 1 }] };
});`,
  )
  .join("\n")}
const telltale = createTelltale({ jobs, redis: "redis://127.0.0.1:6379" });
export const worker = createWorker({ telltale, handlers: [${kinds.map(({ i }) => `handle${i}`).join(", ")}] });
`;

const router = (kinds) => `import { initTRPC } from "@trpc/server";
import superjson from "superjson";
import { createTelltale } from "telltale/server";
import { createJobsRouter } from "telltale/trpc";
import { jobs } from "./contracts.js";
export interface Context { readonly user: { readonly id: string } }
const t = initTRPC.context<Context>().create({ transformer: superjson });
const telltale = createTelltale({ jobs, redis: "redis://127.0.0.1:6379" });
export const appRouter = t.router({
  jobs: createJobsRouter(telltale, {
    procedure: t.procedure,
    subject: ({ user }) => user,
    submit: [${kinds.map(({ name }) => `"${name}"`).join(", ")}],
  }),
});
export type AppRouter = typeof appRouter;
`;

const sdk = (kinds) => `import { createClient } from "telltale/client";
import type { jobs } from "./contracts.js";
const client = createClient<typeof jobs>({ url: "http://127.0.0.1:3000" });
${kinds
  .map(
    ({ i, name, streams }) => `export async function run${i}(): Promise<number> {
  const job = await client.${name}.submit({ id${i}: "a", amount: 1, mode: "mode${i}" }, { delay: "10m" });
  for await (const now of job.watch()) {
    if (now.status === "running" && now.progress) now.progress.done${i} satisfies number;
    if (now.status === "completed") now.output.at satisfies Date;
  }${streams ? `\n  for await (const piece of job.chunks()) if (!piece.truncated) piece.data.text${i} satisfies string;` : ""}
  const result = await job.result();
  if (result.ok) return result.output.rows.length;
  return result.status === "failed" && result.error.code === "over_limit_${i}" ? result.error.data.limit : 0;
}`,
  )
  .join("\n")}
`;

const vanilla = (kinds) => `import { createTRPCClient, httpLink } from "@trpc/client";
import superjson from "superjson";
import { createJobsClient } from "telltale/client";
import type { jobs } from "./contracts.js";
import type { AppRouter } from "./router.js";
const trpc = createTRPCClient<AppRouter>({ links: [httpLink({ url: "", transformer: superjson })] });
export const client = createJobsClient<typeof jobs>(trpc.jobs);
${kinds
  .map(
    ({ i, name }) => `export async function submit${i}(): Promise<string> {
  const input = { id${i}: "a", amount: 1, mode: "mode${i}" } as const;
  return (await trpc.jobs.submit.mutate({ kind: "${name}", input, options: { priority: "high" } })).token;
}`,
  )
  .join("\n")}
export const watch = (id: string) => trpc.jobs.onStatus.subscribe({ id }, {
  onData({ data }) {
    switch (data.kind) {
${kinds
  .map(
    ({ i, name }) => `      case "${name}":
        if (data.status === "completed") data.output.at satisfies Date;
        if (data.status === "failed" && data.error.code === "over_limit_${i}") data.error.data.limit satisfies number;
        return;`,
  )
  .join("\n")}
    }
  },
});
`;

const GATEWAY = `import { createGateway } from "telltale/gateway";
import { appRouter, type Context } from "./router.js";
export const gateway = createGateway({ router: appRouter, createContext: (): Context => ({ user: { id: "u" } }) });
`;
