import { on } from "node:events";
import type { Redis } from "ioredis";

/** One change of a job; `seq` counts them from 1. */
export interface JobEvent {
  readonly seq: number;
  readonly status: string;
}

// One script writes the record and the feed, and then publishes. No client sees one without the others.
const MOVE = `
  local seq = redis.call('HINCRBY', 'job:' .. ARGV[1], 'seq', 1)
  redis.call('HSET', 'job:' .. ARGV[1], 'status', ARGV[2])
  local line = cjson.encode({ seq = seq, status = ARGV[2] })
  redis.call('RPUSH', 'feed:' .. ARGV[1], line)
  redis.call('PUBLISH', 'feed:' .. ARGV[1], line)`;

/** Changes a job's status and publishes the change. */
export async function move(redis: Redis, id: string, status: string): Promise<void> {
  await redis.eval(MOVE, 0, id, status);
}

/** Every event after `after`, once and in order, to the end. `drop` simulates the loss of one message. */
export async function* watch(redis: Redis, id: string, { after = 0, drop = 0 } = {}): AsyncGenerator<JobEvent> {
  const subscriber = redis.duplicate();
  const messages = on(subscriber, "message"); // buffers messages from now on
  let seq = after;
  const read = async (): Promise<JobEvent[]> =>
    (await redis.lrange(`feed:${id}`, seq, -1)).map((line) => JSON.parse(line));
  try {
    await subscriber.subscribe(`feed:${id}`); // acknowledged: later messages will arrive
    for (let news = await read(); ; ) {
      for (const event of news) {
        seq = event.seq;
        yield event;
        if (event.status === "completed") return;
      }
      const { value } = await messages.next();
      const event: JobEvent = JSON.parse(value[1]);
      if (event.seq <= seq || event.seq === drop)
        news = []; // seen already
      else news = event.seq === seq + 1 ? [event] : await read(); // after a gap, read the feed
    }
  } finally {
    subscriber.disconnect();
  }
}
