// Seven clients watch two submissions, and the server is killed meanwhile. REDIS_URL names a Redis 7 or Valkey 7.2.
import { createClient } from "telltale/client";
import type { jobs } from "./contracts.js";
import { startPart } from "./part.js";
import { type JobRef, type Watcher, watchAs } from "./watcher.js";

const WHOLE = ["1 queued", "2 running", "3 retrying", "4 queued", "5 running", "6 completed"].join(", ");

const workers = await Promise.all([startPart("worker", "ready"), startPart("worker", "ready")]);
let server = await startPart("server", "listening", { PORT: "0" });
const url = server.ready.split(" ").at(-1) ?? "";
console.log(`server     ${url}, HTTP and WebSocket; two workers`);

const first = await submitAs("ann");
const second = await submitAs("carol");
console.log("submitted  1 by ann, 2 by carol");

const whole = (name: string, job: JobRef): Watcher => watchAs(name, { url, job });
const ann = whole("ann", { id: first.id });
const bob = whole("bob", first); // ann gave him the job's token
const carol = whole("carol", { id: second.id });
const carolToo = whole("carol", first);
const frankBefore = whole("frank", first);

await frankBefore.until((event) => event.status === "retrying");
await frankBefore.leave();
console.log("left       frank, after a failed attempt");

await ann.until((event) => event.status === "running" && event.progress !== undefined);
const dave = whole("dave", first);
await dave.until((event) => event.status === "running" && event.progress !== undefined);
console.log("joined     dave, in the middle of the second attempt");

await server.kill();
server = await startPart("server", "listening", { PORT: new URL(url).port });
console.log("killed     the server, and started another at the same address");

const frank = watchAs("frank", { url, job: first, before: frankBefore.seen });
console.log("back       frank, from his last position");

await Promise.all([ann, bob, carol, carolToo, dave, frank].map(({ over }) => over));
const erin = whole("erin", first);
const mallory = whole("mallory", { id: first.id });
await Promise.all([erin.over, mallory.over]);
console.log("joined     erin, after the end; mallory, without a token\n");

const rows: readonly [watcher: Watcher, job: string, joined: string][] = [
  [ann, "1", "at once"],
  [bob, "1", "at once, by token"],
  [carol, "2", "at once"],
  [carolToo, "1", "at once, by token"],
  [dave, "1", "late"],
  [frank, "1", "twice"],
  [erin, "1", "after the end"],
  [mallory, "1", "rejected: not_found"],
];
console.log("watcher   job  joined               transitions  reports  reconnects");
for (const [{ name, seen }, job, joined] of rows) {
  const counts = [seen.transitions.length, seen.reports, seen.reconnects].map(String);
  const [transitions = "", reports = "", reconnects = ""] = counts;
  console.log(
    `${name.padEnd(10)}${job.padEnd(5)}${joined.padEnd(21)}${transitions.padStart(11)}${reports.padStart(9)}${reconnects.padStart(12)}`,
  );
}
console.log(`\neach       ${WHOLE}\n`);

const watchers = rows.map(([watcher]) => watcher).filter((watcher) => watcher !== mallory);
const connected = [ann, bob, carol, carolToo, dave];
const claims: readonly [claim: string, holds: boolean][] = [
  [
    "every watcher saw every transition once and in order",
    watchers.every(({ seen }) => seen.transitions.join(", ") === WHOLE),
  ],
  [
    "reports were in order, and no watcher had to start over",
    watchers.every(({ seen }) => seen.outOfOrder + seen.resets === 0),
  ],
  ["watchers that were connected when the server died reconnected", connected.every(({ seen }) => seen.reconnects > 0)],
  ["a user without a token got not_found", mallory.seen.isRefused && mallory.seen.transitions.length === 0],
];
for (const [claim, holds] of claims) console.log(`${holds ? "holds" : "FAILS"}      ${claim}`);

await Promise.all([server, ...workers].map((part) => part.stop()));
process.exitCode = claims.every(([, holds]) => holds) ? 0 : 1;

async function submitAs(name: string): Promise<JobRef> {
  await using client = createClient<typeof jobs>({ url, router: "jobs", auth: name });
  const { id, token } = await client.submission.submit({ tests: 20 });
  return { id, token };
}
