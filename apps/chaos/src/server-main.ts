import { initTRPC } from "@trpc/server";
import { PRIORITIES, transformer } from "telltale";
import { createGateway } from "telltale/gateway";
import { createTelltale } from "telltale/server";
import { createJobsRouter, type Subject, telltaleErrorFormatter } from "telltale/trpc";
import { jobs } from "./work.js";

// A server of the harness. It accepts any user name without a check, because only the harness calls it, on loopback.

const t = initTRPC.context<{ readonly subject: Subject | null }>().create({
  transformer,
  errorFormatter: telltaleErrorFormatter,
});

const replicas = Number(process.env.CHAOS_REPLICAS ?? 0);
const telltale = createTelltale({ jobs, redis: JSON.parse(process.env.CHAOS_REDIS ?? "{}"), replicas, logger: false });
await telltale.$ready(10_000);
const procedures = createJobsRouter(telltale, {
  procedure: t.procedure,
  subject: ({ subject }) => subject,
  submit: ["work", "turn"],
  priorities: PRIORITIES,
});
const gateway = createGateway({
  router: t.router(procedures._def.record),
  createContext: ({ req, connectionParams }) => {
    const id = /^Bearer (\w+)$/.exec(connectionParams?.authorization ?? req.headers.authorization ?? "")?.[1];
    return { subject: id === undefined ? null : { id, operator: id === "operator" } };
  },
  ready: () => telltale.$engine.ping(),
  logger: false,
});
const { port } = await gateway.listen(0);
process.stdout.write(`ready ${port}\n`);

process.once("SIGTERM", () => {
  void gateway
    .close({ graceMs: 1_000 })
    .then(() => telltale[Symbol.asyncDispose]())
    .then(() => process.exit());
});
