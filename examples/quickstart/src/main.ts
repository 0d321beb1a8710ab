// Everything in one process, to see it run. REDIS_URL names a Redis 7 or Valkey 7.2.
import { makeReport } from "./client.js";
import { gateway, telltale, worker } from "./server.js";

const { url } = await gateway.listen(0);
await makeReport(url);

await worker.stop();
await gateway.close();
await telltale[Symbol.asyncDispose]();
