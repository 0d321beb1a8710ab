import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openRedisLink, type RedisLink } from "./redis-link.js";

test("a reply that arrives byte by byte is read like one that arrives at once", async () => {
  const { link, server } = await linked();
  const reply = link.send("LRANGE", "feed", "0", "-1");

  for (const byte of "*3\r\n$4\r\na\r\nb\r\n$-1\r\n:12\r\n") server.write(byte);

  expect(await reply).toEqual(["a\r\nb", null, 12]);
});

test("replies are matched to commands in order, and an error rejects only its own command", async () => {
  const { link, server } = await linked();
  const replies = Promise.allSettled([link.send("PING"), link.send("NOPE"), link.hash("HGETALL", "job")]);

  server.write("+PONG\r\n-ERR unknown\r\n*2\r\n$6\r\nstatus\r\n$6\r\nqueued\r\n");

  expect(await replies).toEqual([
    { status: "fulfilled", value: "PONG" },
    { status: "rejected", reason: new Error("ERR unknown") },
    { status: "fulfilled", value: new Map([["status", "queued"]]) },
  ]);
});

test("pending commands reject when the connection closes", async () => {
  const { link, server } = await linked();
  const reply = link.send("PING");

  server.destroy();

  await expect(reply).rejects.toThrow("Redis closed the connection");
});

async function linked(): Promise<{ readonly link: RedisLink; readonly server: Socket }> {
  const folder = mkdtempSync(join(tmpdir(), "chaos-link-"));
  const listener = createServer();
  listener.listen(join(folder, "s"));
  const [link, [server]] = await Promise.all([
    once(listener, "listening").then(() => openRedisLink(join(folder, "s"))),
    once(listener, "connection"),
  ]);
  onTestFinished(() => {
    link[Symbol.dispose]();
    listener.close();
    rmSync(folder, { recursive: true });
  });
  return { link, server };
}
