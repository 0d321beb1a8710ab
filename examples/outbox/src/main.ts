// A process takes orders and is killed before it submits jobs. A relay submits them. REDIS_URL names a Redis 7 or
// Valkey 7.2.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { handle } from "telltale";
import { createTelltale } from "telltale/server";
import { createWorker } from "telltale/worker";
import { confirm, jobs } from "./contracts.js";
import { openDatabase } from "./database.js";
import { relay } from "./relay.js";

const folder = mkdtempSync(join(tmpdir(), "telltale-outbox-"));
const takeOrders = fileURLToPath(new URL("take-orders.js", import.meta.url));
const [, signal] = await once(
  spawn(process.execPath, [...process.execArgv, takeOrders, folder], { stdio: "inherit" }),
  "exit",
);
console.log(`the process that took the orders ended: ${signal}`);

const database = await openDatabase(folder);
const orders = await database.query<{ id: string }>("select id from orders order by id");
console.log(`committed orders: ${orders.rows.map(({ id }) => id).join(", ")}`);

const runs = new Map<string, number>();
const telltale = createTelltale({ jobs, redis: process.env.REDIS_URL });
const worker = createWorker({
  telltale,
  handlers: [
    handle(confirm, async ({ input }) => {
      runs.set(input.order, (runs.get(input.order) ?? 0) + 1);
      return { confirmed: input.order };
    }),
  ],
});

console.log(
  `a relay submits ${await relay({ database, telltale, survives: false })} jobs and dies before it marks them`,
);
const both = await Promise.all([relay({ database, telltale }), relay({ database, telltale })]);
console.log(`two relays at once submit ${both.join(" and ")} jobs again`);
console.log(`jobs left after that: ${await relay({ database, telltale })}`);

const outbox = await database.query<{ id: string }>("select id from outbox");
await Promise.all(outbox.rows.map(({ id }) => telltale.confirm.job(id).output()));
for (const order of ["o1", "o2", "o3", "o4"]) console.log(`${order} was confirmed ${runs.get(order) ?? 0} times`);

await worker.stop();
await telltale[Symbol.asyncDispose]();
await database.close();
rmSync(folder, { recursive: true, force: true });
const isRight = [...runs.values()].join() === "1,1,1" && !runs.has("o4");
process.exitCode = isRight ? 0 : 1;
