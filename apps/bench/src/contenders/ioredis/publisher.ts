import { Redis } from "ioredis";
import { servePublisher } from "../serve-live.js";

servePublisher(async (path, topics) => {
  const redis = new Redis(path);
  return {
    topics: Array.from({ length: topics }, (_, i) => `topic-${i}`),
    publish: (topic, event) => void redis.publish(topic, JSON.stringify(event)),
  };
});
