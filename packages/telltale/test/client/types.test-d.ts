import { createTRPCClient, type TRPCLink } from "@trpc/client";
import type { JobEvent, JobResult } from "telltale";
import { type Client, createClient, createJobsClient, type JobClients } from "telltale/client";
import type { jobs, judge } from "./contracts.js";
import type { App } from "./jobs-server.js";

type IsAny<T> = 0 extends 1 & T ? true : false;
type Judge = typeof judge;

declare const link: TRPCLink<App>;
const trpc = createTRPCClient<App>({ links: [link] });
const client = createClient<typeof jobs>({ url: "http://127.0.0.1:3000" });
client satisfies Client<typeof jobs>;
createJobsClient<typeof jobs>(trpc) satisfies JobClients<typeof jobs>;
createJobsClient<typeof jobs>(trpc.jobs) satisfies JobClients<typeof jobs>;
// @ts-expect-error a single procedure is not a jobs router
createJobsClient<typeof jobs>(trpc.jobs.submit);

const job = await client.judge.submit({ source: "" }, { delay: "10m", idempotencyKey: "k" });
// @ts-expect-error wrong input
await client.judge.submit({ order: "" });
// @ts-expect-error no such kind
client.nope;
// @ts-expect-error clients cannot set the owner: it is the caller
await client.judge.submit({ source: "" }, { owner: "u1" });
// @ts-expect-error not a duration
await client.judge.submit({ source: "" }, { delay: "soon" });

for await (const event of job.watch({
  onConnection: (state) => state satisfies "connecting" | "live" | "reconnecting" | "waiting" | "closed",
})) {
  false satisfies IsAny<typeof event>;
  event satisfies JobEvent<Judge>;
  // @ts-expect-error the output requires a check of the status
  event.output;
  if (event.status === "running") event.progress?.passed satisfies number | undefined;
  if (event.status === "completed") {
    event.output.at satisfies Date;
    event.output.verdict satisfies "accepted" | "wrong_answer";
    false satisfies IsAny<typeof event.output>;
    // @ts-expect-error a completed job has no error
    event.error;
  }
  if (event.status === "failed" && event.error.code === "unknown_problem") event.error.data.problem satisfies string;
}

for await (const piece of job.chunks()) {
  false satisfies IsAny<typeof piece>;
  if (piece.truncated) piece.n satisfies number;
  else piece.data.text satisfies string;
}

const result = await job.result();
result satisfies JobResult<Judge>;
false satisfies IsAny<typeof result>;
if (result.ok) result.output.at satisfies Date;
else if (result.status === "failed") false satisfies IsAny<typeof result.error>;
// @ts-expect-error the output requires a check of `ok`
result.output;

const output = await job.output();
false satisfies IsAny<typeof output>;
output.verdict satisfies "accepted" | "wrong_answer";
(await job.cancel()) satisfies "cancelled" | "requested" | "already_finished";
(await client.refund.job("refund_0").output()).cents satisfies number;

const detail = await job.get();
detail.errors satisfies { code: string; message: string; attempt: number }[];
if (detail.status === "completed") detail.output.at satisfies Date;
for await (const page of client.judge.list({ status: "failed", code: "unknown_problem", limit: 5 })) {
  page.jobs[0]?.kind satisfies "judge" | undefined;
  false satisfies IsAny<(typeof page.jobs)[number]>;
  // @ts-expect-error lists have no payloads
  page.jobs[0]?.output;
}
(await client.judge.list().page()).cursor satisfies string | null;
// @ts-expect-error no such status
client.judge.list({ status: "dead" });
// @ts-expect-error the kind is given by the client
client.judge.list({ kind: "refund" });

const answer = await client.$trpc.query("list", {});
false satisfies IsAny<typeof answer>;
await client.close();
