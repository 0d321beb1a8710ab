import { initTRPC } from "@trpc/server";
import { transformer } from "telltale";
import { createGateway } from "telltale/gateway";
import { createTelltale } from "telltale/server";
import { createJobsRouter, telltaleErrorFormatter } from "telltale/trpc";
import { jobs } from "./contracts.js";

const telltale = createTelltale({ jobs, redis: process.env.REDIS_URL });
const t = initTRPC.context<{ userId: string }>().create({ transformer, errorFormatter: telltaleErrorFormatter });
const appRouter = t.router({
  jobs: createJobsRouter(telltale, {
    procedure: t.procedure, // yours: your middleware and your auth apply
    subject: (ctx) => ({ id: ctx.userId }),
    submit: ["report"], // the kinds that clients may submit
  }),
});
const gateway = createGateway({ router: appRouter, createContext: () => ({ userId: "u1" }) }); // every caller is u1 here
const { url } = await gateway.listen(Number(process.env.PORT ?? 3000));
console.log(`listening on ${url}`);
