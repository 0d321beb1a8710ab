// A list is a queue: LPUSH adds a job, and BRPOP takes one out. If the worker dies after that, its job is lost.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Redis } from "ioredis";

const JOBS = 10;
const redis = new Redis(process.env.REDIS_URL ?? "redis://127.0.0.1:6379");

if (process.argv[2] !== undefined) await work(Number(process.argv[2]));
else process.exitCode = (await show()) ? 0 : 1;
redis.disconnect();

/** A worker: takes one job after the other, and ends when there is none for half a second. */
async function work(takesMs: number): Promise<void> {
  for (;;) {
    const popped = await redis.brpop("waiting", 0.5);
    if (!popped) return;
    const [, id] = popped;
    process.send?.(id); // "I have begun"
    await setTimeout(takesMs); // the work
    await redis.sadd("completed", id);
  }
}

async function show(): Promise<boolean> {
  for (let i = 1; i <= JOBS; i++) await redis.lpush("waiting", `mail_${i}`);
  console.log(`submitted  ${JOBS}`);

  const held = await killedAtWork(startWorker(60_000));
  console.log(`killed     a worker that had begun ${held}`);

  await once(startWorker(10), "exit"); // another worker runs the remaining jobs
  const completed = await redis.scard("completed");
  const waiting = await redis.llen("waiting");
  const lost = JOBS - completed - waiting;
  const isGone = (await redis.sismember("completed", held)) === 0 && (await redis.lpos("waiting", held)) === null;
  console.log(`completed  ${completed}`);
  console.log(`waiting    ${waiting}`);
  console.log(`lost       ${lost}: ${isGone ? held : "none"}, which is not in Redis any more`);
  return lost === 1 && isGone;
}

function startWorker(takesMs: number): ChildProcess {
  return fork(fileURLToPath(import.meta.url), [String(takesMs)]);
}

/** Kills a worker when it says that it has begun a job. Returns the id of the job. */
async function killedAtWork(worker: ChildProcess): Promise<string> {
  const [held] = await once(worker, "message");
  worker.kill("SIGKILL");
  await once(worker, "exit");
  return held;
}
