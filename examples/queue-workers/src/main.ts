// An app, three workers and sixty jobs. One worker is killed while it works. REDIS_URL names a Redis 7 or Valkey 7.2.
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTelltale } from "telltale/server";
import { createApp } from "./app.js";
import { jobs } from "./contracts.js";
import { followToEnd } from "./job-history.js";
import { listen } from "./listen.js";
import { report } from "./report.js";
import { submitToApp, submitToRouter } from "./submit.js";
import { startWorker } from "./worker-process.js";

const { REDIS_URL = "redis://127.0.0.1:6379" } = process.env;
const JOBS = 60;
/** The job in the middle is so large that its worker can be killed while it runs. */
const LARGE = { number: JOBS / 2, entries: 1_000_000 };
const PATIENCE_MS = 60_000;

const folder = await mkdtemp(join(tmpdir(), "telltale-statements-"));
const telltale = createTelltale({ jobs, redis: REDIS_URL });
const { server, url } = await listen(createApp(telltale), 0);
console.log(`app        ${url}`);

// The job of a dead worker waits until its lease expires: 1.5 s in this example, 30 s by default.
const env = { REDIS_URL, FOLDER: folder, LEASE_MS: "1500" };
const workers = await Promise.all(["worker 1", "worker 2", "worker 3"].map((name) => startWorker(name, env)));
console.log(`workers    processes ${workers.map(({ pid }) => pid).join(", ")}`);

const run = randomBytes(3).toString("hex");
const ids = await Promise.all(
  Array.from({ length: JOBS }, (_, i) => {
    const input = { account: `${run}-${i}`, entries: i === LARGE.number ? LARGE.entries : 10_000 };
    return i % 2 === 0 ? submitToApp(url, input) : submitToRouter(url, input);
  }),
);
console.log(`submitted  ${JOBS} jobs: ${JOBS / 2} in process, by POST /statements`);
console.log(`                    ${JOBS / 2} by plain POST /trpc/submit`);

const histories = Promise.all(ids.map((id) => followToEnd(telltale.statement.job(id), PATIENCE_MS)));

// The first progress of the large job names the worker that runs it.
let killed: string | undefined;
const large = telltale.statement.job(ids[LARGE.number] ?? "");
for await (const now of large.watch({ signal: AbortSignal.timeout(PATIENCE_MS) })) {
  if (now.status !== "running" || now.progress === undefined) continue;
  killed = now.progress.worker;
  await workers.find(({ name }) => name === killed)?.kill();
  console.log(`killed     ${killed}, which had written ${now.progress.written} of ${LARGE.entries} entries`);
  break;
}

const finished = await histories;
await Promise.all(workers.map((worker) => worker.stop()));
process.exitCode = (await report({ telltale, workers, killed, histories: finished, folder })) ? 0 : 1;

server.close();
server.closeAllConnections();
await telltale[Symbol.asyncDispose]();
await rm(folder, { recursive: true, force: true });
