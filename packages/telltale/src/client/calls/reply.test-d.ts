// The client's parsers, which do not use zod, have the same types as the schemas and the router. Checked by `npm run typecheck`.

import { type inferRouterOutputs, initTRPC } from "@trpc/server";
import type { z } from "zod";
import type { jobs, judge } from "../../../test/client/contracts.js";
import { type JobPage, transformer } from "../../core/index.js";
import type { checkSubmitOptions } from "../../core/internal.js";
import type { TelltaleErrorData, WireSubmitOptions } from "../../core/schemas.js";
import type { createJobsRouter } from "../../trpc/create-jobs-router.js";
import type { CallError } from "../../trpc/to-trpc-error.js";
import type { WireSubmit } from "../procedures.js";
import type { readErrorData } from "../to-telltale-error.js";
import type { readQueuePaused, readQueues, readWorkers, readWorkersDrained } from "./operator-replies.js";
import type { readCancelled, readDetail, readPage, readSubmitted } from "./reply.js";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const t = initTRPC.create({ transformer });
declare const router: ReturnType<typeof createJobsRouter<typeof jobs, object, object, keyof typeof jobs>>;
const app = t.router({ jobs: router });
declare const answers: inferRouterOutputs<typeof app>["jobs"];

// Schemas.
true satisfies Same<NonNullable<ReturnType<typeof readErrorData>>, z.infer<typeof TelltaleErrorData>>;
true satisfies Same<WireSubmit["options"], z.infer<typeof WireSubmitOptions>>;
true satisfies Same<keyof Parameters<typeof checkSubmitOptions>[0], keyof z.infer<typeof WireSubmitOptions>>;

// Replies of the router.
true satisfies Same<ReturnType<typeof readCancelled>, (typeof answers)["cancel"]["outcome"]>;
true satisfies Same<ReturnType<typeof readPage<keyof typeof jobs>>, (typeof answers)["list"]>;
true satisfies Same<ReturnType<typeof readWorkers>, (typeof answers)["workers"]["list"]>;
true satisfies Same<ReturnType<typeof readWorkersDrained>, (typeof answers)["workers"]["drain"]>;
true satisfies Same<ReturnType<typeof readQueues>, (typeof answers)["queues"]["list"]>;
true satisfies Same<ReturnType<typeof readQueuePaused>, (typeof answers)["queues"]["pause"]>;
answers.list satisfies JobPage;
answers.submit satisfies ReturnType<typeof readSubmitted>;
if (answers.get.kind === "judge") answers.get satisfies ReturnType<typeof readDetail<typeof judge>>;
for (const answer of answers.submitMany) {
  if ("error" in answer) answer.error satisfies CallError;
  else answer satisfies ReturnType<typeof readSubmitted>;
}
