// PUBLISH reaches only current subscribers. A client that reads first and then subscribes misses messages in between.
import { setTimeout } from "node:timers/promises";
import { Redis } from "ioredis";

const RACES = 500;
const redis = new Redis(process.env.REDIS_URL ?? "redis://127.0.0.1:6379");
const subscriber = redis.duplicate();
const heard = new Map<string, string[]>();
subscriber.on("message", (channel, message) => heard.get(channel)?.push(message));

const isLost = await showOne();
await showRaces();
redis.disconnect();
subscriber.disconnect();
process.exitCode = isLost ? 0 : 1;

/** What a worker does when it has run the job. */
async function complete(id: string): Promise<number> {
  await redis.set(`status:${id}`, "completed");
  return redis.publish(`news:${id}`, "completed"); // how many received it
}

async function subscribe(id: string): Promise<string[]> {
  const messages: string[] = [];
  heard.set(`news:${id}`, messages);
  await subscriber.subscribe(`news:${id}`);
  return messages;
}

/** Waits until all earlier messages have arrived: a connection keeps the order of messages. */
async function settle(id: string, messages: readonly string[]): Promise<void> {
  await redis.publish(`news:${id}`, "marker");
  while (!messages.includes("marker")) await setTimeout(1);
  await subscriber.unsubscribe(`news:${id}`);
}

/** The unlucky order, one step after the other. */
async function showOne(): Promise<boolean> {
  await redis.set("status:mail_0", "running");
  const read = await redis.get("status:mail_0");
  console.log(`watcher    reads: ${read}`);
  const listeners = await complete("mail_0");
  console.log(`worker     completes the job and publishes to ${listeners} subscribers`);
  const messages = await subscribe("mail_0");
  await settle("mail_0", messages);
  const isTold = messages.includes("completed");
  console.log(`watcher    subscribes and receives: ${messages.filter((one) => one !== "marker").join() || "nothing"}`);
  console.log(`lost       ${isTold ? "nothing" : `the end: the page shows "${read}" forever`}`);
  return read === "running" && listeners === 0 && !isTold;
}

/** The same at random times: workers complete jobs while watchers arrive. */
async function showRaces(): Promise<void> {
  let lost = 0;
  for (let i = 1; i <= RACES; i++) {
    const id = `mail_${i}`;
    await redis.set(`status:${id}`, "running");
    const working = setTimeout(Math.random() * 5).then(() => complete(id));
    await setTimeout(Math.random() * 5);
    const read = await redis.get(`status:${id}`);
    const messages = await subscribe(id);
    await working;
    await settle(id, messages);
    if (read !== "completed" && !messages.includes("completed")) lost += 1;
  }
  console.log(`races      ${RACES} without any fault, ${lost} ends lost`);
}
