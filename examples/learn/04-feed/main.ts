// Subscribe first, then read. Numbers show which events are new, which are old, and which are missing.
import { setTimeout } from "node:timers/promises";
import { Redis } from "ioredis";
import { move, watch } from "./feed.js";

const RACES = 500;
const redis = new Redis(process.env.REDIS_URL ?? "redis://127.0.0.1:6379");
const seen = async (id: string, from: { after?: number; drop?: number } = {}, all = ""): Promise<string> => {
  for await (const { seq, status } of watch(redis, id, from)) all += `${seq} ${status}  `;
  return all.trimEnd();
};

let lost = 0;
for (let i = 1; i <= RACES; i++) {
  await move(redis, `mail_${i}`, "running");
  const working = setTimeout(Math.random() * 5).then(() => move(redis, `mail_${i}`, "completed"));
  await setTimeout(Math.random() * 5);
  if ((await seen(`mail_${i}`)) !== "1 running  2 completed") lost += 1;
  await working;
}
console.log(`races      ${RACES} as before, ${lost} ends lost`);

for (const status of ["queued", "running", "retrying", "running"]) await move(redis, "mail_0", status);
const early = seen("mail_0", { drop: 5 }); // it reads 1 to 4, and the message of 5 is lost
const late = seen("mail_0", { after: 3 }); // it has seen 1 to 3 before
while (((await redis.pubsub("NUMSUB", "feed:mail_0"))[1] ?? 0) !== 2) await setTimeout(1);
for (const status of ["cancelling", "completed"]) await move(redis, "mail_0", status);
console.log(`whole      ${await early}\nresumed    ${await late}`);
const isWhole = (await early).endsWith("5 cancelling  6 completed") && (await early).startsWith("1 queued");
process.exitCode = lost === 0 && isWhole && (await late).startsWith("4 running") ? 0 : 1;
redis.disconnect();
