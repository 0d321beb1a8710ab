// Starts a server, prints its address, and runs until it is killed.
import { startRedis } from "@telltale/local-redis";

const { socketPath, dir } = await startRedis();
console.log(JSON.stringify({ socketPath, dir }));
setInterval(() => {}, 60_000);
