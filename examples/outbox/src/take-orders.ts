// Takes four orders, rolls the last one back, and is killed before it submits any job.
import { createTelltale } from "telltale/server";
import { jobs } from "./contracts.js";
import { openDatabase } from "./database.js";

const [, , folder = ""] = process.argv;
const database = await openDatabase(folder);
const telltale = createTelltale({ jobs, redis: process.env.REDIS_URL });

async function placeOrder(order: string, cents: number): Promise<void> {
  const prepared = await telltale.confirm.prepare({ order, placedAt: new Date() });
  await database.transaction(async (tx) => {
    await tx.query("insert into orders (id, cents) values ($1, $2)", [order, cents]);
    await tx.query("insert into outbox (id, prepared) values ($1, $2)", [prepared.id, prepared]);
    if (cents < 0) await tx.rollback();
  });
}

await placeOrder("o1", 1_500);
await placeOrder("o2", 4_200);
await placeOrder("o3", 900);
await placeOrder("o4", -1);
process.kill(process.pid, "SIGKILL");
