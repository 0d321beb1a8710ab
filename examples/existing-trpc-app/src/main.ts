// Two users and an admin use an existing app that now has jobs. REDIS_URL names a Redis 7 or Valkey 7.2. By default,
// the app's server uses tRPC's own adapters; with --gateway, Telltale's gateway is attached to it.
import "./web-socket.js";
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { hasCode, newJobId } from "telltale";
import { type AppClient, createAppClient } from "./client.js";
import { listen } from "./listen.js";
import { listenWithGateway } from "./listen-with-gateway.js";
import { telltale } from "./telltale.js";
import { whatOneSees } from "./what-one-sees.js";

const isGateway = process.argv.includes("--gateway");
const app = isGateway ? await listenWithGateway(0) : await listen(0);
console.log(`served by ${isGateway ? "Telltale's gateway" : "tRPC's own adapters"} on ${app.url}`);
const worker = fork(fileURLToPath(new URL("worker.js", import.meta.url)));

const ann = createAppClient({ url: app.url, token: "demo-token-of-ann" });
const bob = createAppClient({ url: app.url, token: "demo-token-of-bob" });
const eve = createAppClient({ url: app.url, token: "demo-token-of-eve" });
const nobody = createAppClient({ url: app.url, token: "" });

// The existing feature of the app: notes.
await ann.trpc.notes.add.mutate({ text: "Buy lamp oil before the days get short" });
await ann.trpc.notes.add.mutate({ text: "Ask the harbour master about the wind" });
await ann.trpc.notes.add.mutate({ text: "Sleep" });
await bob.trpc.notes.add.mutate({ text: "Paint the boat" });

// The new feature: a job that summarizes notes. It is submitted over HTTP and watched over a WebSocket.
const annsJob = await ann.jobs.summary.submit({ notes: await textsOf(ann) });
const bobsJob = await bob.jobs.summary.submit({ notes: await textsOf(bob) });

console.log("\nann watches her job");
for await (const now of annsJob.watch()) {
  if (now.status === "running" && now.progress) {
    console.log(`  ${now.status.padEnd(11)}${now.progress.read} of ${now.progress.of} notes`);
  } else if (now.status === "completed") {
    console.log(`  ${now.status.padEnd(11)}${now.output.words} words; "${now.output.longest}"`);
  } else {
    console.log(`  ${now.status}`);
  }
}
const annsSummary = await annsJob.output();
await bobsJob.output();

const ids = [annsJob.id, bobsJob.id, newJobId("summary")];
const [byAnn, byBob, byEve, byNobody] = await Promise.all(
  [ann, bob, eve, nobody].map((client) => whatOneSees(client, ids)),
);
const columns = (cells: readonly string[] = []): string => cells.map((cell) => cell.padEnd(15)).join("");
console.log("\n         listed         ann's job      bob's job      a missing job");
console.log(`ann      ${columns(byAnn)}`.trimEnd());
console.log(`bob      ${columns(byBob)}`.trimEnd());
console.log(`eve      ${columns(byEve)}`.trimEnd(), "  (an admin)");
console.log(`nobody   ${columns(byNobody)}`.trimEnd());

const isRefused = await bob.jobs.summary
  .job(annsJob.id)
  .output()
  .then(
    () => false,
    (error: unknown) => hasCode(error, "not_found"),
  );
// Everyone who has the token of a job may watch and cancel that job.
const lent = await bob.jobs.summary.job(annsJob.id, { token: annsJob.token }).output();
const page = await fetch(new URL("/", app.url)).then((answer) => answer.text());

const is = (seen: readonly string[] | undefined, expected: string): boolean => seen?.join(" ") === expected;
const claims: readonly (readonly [holds: boolean, claim: string])[] = [
  [annsSummary.words === 16 && annsSummary.madeAt instanceof Date, "ann has a summary of her notes, with a Date in it"],
  [is(byAnn, "1 completed NOT_FOUND NOT_FOUND"), "ann sees her own job"],
  [is(byBob, "1 NOT_FOUND completed NOT_FOUND"), "bob sees his own job, and ann's looks like a missing one"],
  [is(byEve, "2 completed completed NOT_FOUND"), "an admin sees all jobs"],
  [is(byNobody, Array(4).fill("UNAUTHORIZED").join(" ")), "callers without a login are rejected by the app itself"],
  [isRefused, "bob cannot watch ann's job"],
  [lent.words === annsSummary.words, "with the token of the job, which ann gave him, he can"],
  [page.startsWith("Notes:"), "the app's own pages are still there"],
];
console.log();
for (const [holds, claim] of claims) console.log(`${holds ? "holds" : "FAILS"}    ${claim}`);
process.exitCode = claims.every(([holds]) => holds) ? 0 : 1;

worker.kill();
await once(worker, "exit");
for (const client of [ann, bob, eve, nobody]) await client.close();
await app.close();
await telltale[Symbol.asyncDispose]();

async function textsOf({ trpc }: AppClient): Promise<string[]> {
  const notes = await trpc.notes.list.query();
  return notes.map(({ text }) => text);
}
