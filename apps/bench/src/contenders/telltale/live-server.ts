import { initTRPC } from "@trpc/server";
import { transformer } from "telltale";
import { createGateway } from "telltale/gateway";
import { createTelltale } from "telltale/server";
import { createJobsRouter, telltaleErrorFormatter } from "telltale/trpc";
import { serveLive } from "../serve-live.js";
import { liveJobs } from "./contracts.js";

// All watchers have one address and one subject here. Limits for each of those would measure themselves.
const MANY = 1_000_000;

serveLive(async (redis) => {
  const telltale = createTelltale({ jobs: liveJobs, redis });
  await telltale.$ready(10_000);
  const t = initTRPC.create({ transformer, errorFormatter: telltaleErrorFormatter });
  const jobs = createJobsRouter(telltale, {
    procedure: t.procedure,
    subject: () => ({ id: "watcher" }),
    submit: ["noop"],
    submitsPerMinute: MANY,
    costPerMinute: MANY,
  });
  const gateway = createGateway({
    router: t.router({ jobs }),
    createContext: () => ({}),
    limits: { callsPerSecondPerAddress: MANY, connectionsPerAddress: MANY, socketsPerSubject: MANY },
  });
  return (await gateway.listen(0)).port;
});
