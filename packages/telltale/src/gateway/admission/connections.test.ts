import { PassThrough } from "node:stream";
import { expect, test, vi } from "vitest";
import { Connections } from "./connections.js";

test("a connection counts once until its last use ends, and leaves no listener behind", () => {
  const connections = new Connections();
  const connection = new PassThrough();
  const listeners = connection.listenerCount("close");

  const ends = [connections.use(connection), connections.use(connection)];
  expect(connections.size).toBe(1);
  ends[0]?.();
  ends[0]?.();
  expect(connections.size).toBe(1);
  ends[1]?.();

  expect(connections.size).toBe(0);
  expect(connection.listenerCount("close")).toBe(listeners);
});

test("a connection that closes ends all its uses, each once", async () => {
  const connections = new Connections();
  const connection = new PassThrough();
  const ended = vi.fn();
  const ends = Array.from({ length: 20 }, () => connections.use(connection, ended));
  expect(connection.listenerCount("close")).toBeLessThan(5);

  connection.destroy();
  await new Promise((resolve) => connection.once("close", resolve));
  expect(ended).toHaveBeenCalledTimes(20);
  expect(connections.size).toBe(0);
  for (const end of ends) end();

  expect(ended).toHaveBeenCalledTimes(20);
  expect(connections.size).toBe(0);
});
