import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The parts a program can have besides its contracts. */
export const PARTS = ["handlers", "router", "sdk", "vanilla"];

const RESOLUTIONS = {
  nodenext: { module: "NodeNext", moduleResolution: "NodeNext" },
  bundler: { module: "ESNext", moduleResolution: "bundler" },
};

/**
 * Writes a strict TypeScript program that uses Telltale with this many kinds of jobs, each with schemas of its own. It says
 * what an application says: a handler for each kind, the router, a submit and a watch of each kind with both clients.
 *
 * @param {string} folder
 * @param {{ kinds: number, parts?: readonly string[], resolution?: "nodenext" | "bundler", skipLibCheck?: boolean }} options
 */
export function writeTypedProgram(folder, { kinds, parts = PARTS, resolution = "nodenext", skipLibCheck = true }) {
  const all = Array.from({ length: kinds }, (_, i) => ({ i, name: `job${i}`, streams: i % 3 === 0 }));
  const files = { "contracts.ts": contracts(all) };
  if (parts.includes("handlers")) files["handlers.ts"] = handlers(all);
  if (parts.includes("router") || parts.includes("vanilla")) files["router.ts"] = router(all);
  if (parts.includes("sdk")) files["sdk.ts"] = sdk(all);
  if (parts.includes("vanilla")) files["vanilla.ts"] = vanilla(all);
  if (parts.includes("gateway")) files["gateway.ts"] = GATEWAY;
  const compilerOptions = {
    ...{ strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, noEmit: true, skipLibCheck },
    ...{ target: "ES2023", lib: ["ES2023", "ESNext.Disposable", "DOM", "DOM.Iterable"], types: ["node"] },
    ...RESOLUTIONS[resolution],
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
    ({ i, name, streams }) => `const handle${i} = handle(${name}, async ({ input, progress, ${streams ? "chunk, " : ""}fail }) => {
  if (input.amount > 100) throw fail("over_limit_${i}", { limit: 100 });
  progress({ done${i}: 1, total: input.items.length });${streams ? `\n  chunk({ text${i}: input.id${i} });` : ""}
  return { verdict: "accepted", at: new Date(), rows: [{ name: input.id${i}, value: 1 }] };
});`,
  )
  .join("\n")}
const telltale = createTelltale({ jobs, redis: "redis://127.0.0.1:6379" });
export const worker = createWorker({ telltale, handlers: [${kinds.map(({ i }) => `handle${i}`).join(", ")}] });
`;

const router = (kinds) => `import { createTRPCClient, httpLink } from "@trpc/client";
import { initTRPC } from "@trpc/server";
import superjson from "superjson";
import { createJobsClient } from "telltale/client";
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
export const trpc = createTRPCClient<typeof appRouter>({ links: [httpLink({ url: "", transformer: superjson })] });
export const client = createJobsClient<typeof jobs>(trpc.jobs);
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

const vanilla = (kinds) => `import { trpc } from "./router.js";
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
