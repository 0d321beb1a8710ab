import { initTRPC } from "@trpc/server";
import superjson from "superjson";
import { createGateway } from "telltale/gateway";
import { createTelltale } from "telltale/server";
import { createJobsRouter, telltaleErrorFormatter } from "telltale/trpc";
import { createWorker } from "telltale/worker";
import { jobs } from "./contracts.js";
import { reportHandler } from "./handler.js";

export const telltale = createTelltale({ jobs, redis: process.env.REDIS_URL });
export const worker = createWorker({ telltale, handlers: [reportHandler] }); // usually a process of its own

const t = initTRPC
  .context<{ userId: string }>()
  .create({ transformer: superjson, errorFormatter: telltaleErrorFormatter });
const appRouter = t.router({
  jobs: createJobsRouter(telltale, {
    procedure: t.procedure,
    subject: (ctx) => ({ id: ctx.userId }),
    submit: ["report"],
  }),
});
export const gateway = createGateway({ router: appRouter, createContext: () => ({ userId: "u1" }) });
