// A claim moves the job to `leases` and gives it a number, the fence. Only the latest fence may complete the job.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Redis } from "ioredis";

const JOBS = 10;
const LEASE_MS = 300;
const NOW = "local time = redis.call('TIME') local now = time[1] * 1000 + math.floor(time[2] / 1000)";
const CLAIM = `${NOW}
  local id = redis.call('RPOP', 'waiting')
  if not id then return false end
  local fence = redis.call('HINCRBY', 'job:' .. id, 'fence', 1)
  redis.call('HSET', 'job:' .. id, 'status', 'running')
  redis.call('ZADD', 'leases', now + ARGV[1], id)
  return { id, fence }`;
const COMPLETE = `
  local status, fence = unpack(redis.call('HMGET', 'job:' .. ARGV[1], 'status', 'fence'))
  if status ~= 'running' or fence ~= ARGV[2] then return 'lease_lost' end
  redis.call('ZREM', 'leases', ARGV[1])
  redis.call('HSET', 'job:' .. ARGV[1], 'status', 'completed')
  return 'completed'`;
const RECLAIM = `${NOW}
  for _, id in ipairs(redis.call('ZRANGE', 'leases', 0, now, 'BYSCORE')) do
    redis.call('ZREM', 'leases', id)
    redis.call('HSET', 'job:' .. id, 'status', 'queued')
    redis.call('RPUSH', 'waiting', id)
  end
  return redis.call('LLEN', 'waiting') + redis.call('ZCARD', 'leases')`;

const redis = new Redis(process.env.REDIS_URL ?? "redis://127.0.0.1:6379");
if (process.argv[2] !== undefined) await work(Number(process.argv[2]));
else process.exitCode = (await show()) ? 0 : 1;
redis.disconnect();

/** A worker: claims one job after the other, also those of dead workers, and ends when no job waits or runs. */
async function work(takesMs: number): Promise<void> {
  while (Number(await redis.eval(RECLAIM, 0)) > 0) {
    const claimed = await redis.eval(CLAIM, 0, LEASE_MS);
    if (Array.isArray(claimed)) {
      const [id, fence] = claimed.map(String);
      process.send?.({ id, fence });
      await setTimeout(takesMs); // the work
      await redis.eval(COMPLETE, 0, String(id), String(fence));
    } else await setTimeout(50); // other workers run the rest
  }
}

async function show(): Promise<boolean> {
  for (let i = 1; i <= JOBS; i++) await redis.lpush("waiting", `mail_${i}`);
  console.log(`submitted  ${JOBS}`);
  const { id, fence } = await killedAtWork(fork(fileURLToPath(import.meta.url), ["60000"]));
  console.log(`killed     a worker that had begun ${id}, with fence ${fence}`);
  await once(fork(fileURLToPath(import.meta.url), ["10"]), "exit");

  const jobs = Array.from({ length: JOBS }, (_, i) => redis.hget(`job:mail_${i + 1}`, "status"));
  const completed = (await Promise.all(jobs)).filter((status) => status === "completed").length;
  const late = await redis.eval(COMPLETE, 0, id, fence);
  console.log(`completed  ${completed}, ${id} with fence ${await redis.hget(`job:${id}`, "fence")}`);
  console.log(`lost       ${JOBS - completed}`);
  console.log(`late       if the first worker completed the job now, it would get: ${late}`);
  return completed === JOBS && late === "lease_lost" && (await redis.hget(`job:${id}`, "fence")) === "2";
}

/** Kills a worker when it says that it has begun a job. Returns the id and the fence. */
async function killedAtWork(worker: ChildProcess): Promise<{ id: string; fence: string }> {
  const [held] = await once(worker, "message");
  worker.kill("SIGKILL");
  await once(worker, "exit");
  return held;
}
