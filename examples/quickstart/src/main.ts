// Runs the worker and the server in their own processes, and the client in this one. REDIS_URL names a Redis 7 or
// Valkey 7.2.
import { fork } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const start = (script: string) =>
  fork(fileURLToPath(new URL(script, import.meta.url)), {
    env: { ...process.env, PORT: "0" },
    stdio: ["ignore", "pipe", "inherit", "ipc"],
  });
const children = [start("worker.js"), start("server.js")];
// They end with this process, even if it is killed.
const server = children[1];
if (!server?.stdout) throw new Error("The server has no output to read its address from");
for await (const line of createInterface({ input: server.stdout })) {
  const [, url] = /^listening on (\S+)$/.exec(line) ?? [];
  if (url === undefined) continue;
  process.env.SERVER_URL = url;
  break;
}
await import("./client.js");
for (const child of children) child.kill();
