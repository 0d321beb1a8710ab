// The app in its own process. Listens on PORT, by default 3000.
import { once } from "node:events";
import { createTelltale } from "telltale/server";
import { createApp } from "./app.js";
import { jobs } from "./contracts.js";
import { listen } from "./listen.js";

const { REDIS_URL = "redis://127.0.0.1:6379", PORT = "3000" } = process.env;

await using telltale = createTelltale({ jobs, redis: REDIS_URL });
await telltale.$ready(10_000);
const { server, url } = await listen(createApp(telltale), Number(PORT));
console.log(`listening on ${url}`);

await Promise.race([once(process, "SIGTERM"), once(process, "SIGINT")]);
server.close();
server.closeAllConnections();
