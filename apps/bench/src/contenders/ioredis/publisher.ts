import { Redis } from "ioredis";
import { servePublisher } from "../serve-live.js";

// It also answers jobs: what a client sent is published as its result.
servePublisher(async (path, topics) => {
  const [redis, jobs] = [new Redis(path), new Redis(path)];
  const answer = async (): Promise<never> => {
    for (;;) {
      const popped = await jobs.brpop("jobs", 0);
      if (popped) void redis.publish("results", popped[1]);
    }
  };
  void answer();
  return {
    topics: Array.from({ length: topics }, (_, i) => `topic-${i}`),
    publish: (topic, event) => void redis.publish(topic, JSON.stringify(event)),
  };
});
