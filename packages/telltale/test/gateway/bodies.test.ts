import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { eventually } from "@telltale/testkit";
import { expect, test } from "vitest";
import { openGateway } from "./open-gateway.js";

const BODY = 100_000;
const LIMITS = { bodiesBytes: 3.5 * BODY };

interface Unfinished {
  readonly socket: Socket;
  readonly said: () => string;
}

/** A request whose body never ends, from its own address, and the server's reply. */
async function unfinished(port: number, from: string): Promise<Unfinished> {
  const socket = connect({ port, host: "127.0.0.1", localAddress: from });
  let said = "";
  socket.on("error", () => {});
  socket.on("data", (chunk) => {
    said += chunk;
  });
  await once(socket, "connect");
  socket.write(
    `POST /trpc/change HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${BODY + 1}\r\n\r\n`,
  );
  await new Promise((resolve) => socket.write(Buffer.alloc(BODY, " "), resolve));
  return { socket, said: () => said };
}

const change = (url: string): Promise<Response> =>
  fetch(`${url}/trpc/change`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ json: { n: 1 }, filler: "x".repeat(BODY / 2) }),
  });

test("when the memory for bodies is used up, the oldest waiting requests are answered with 503", async () => {
  await using server = await openGateway({ limits: LIMITS });
  const bodies: Unfinished[] = [];
  for (let n = 0; n < 3; n++) bodies.push(await unfinished(server.port, "127.0.0.1"));

  const last = await unfinished(server.port, "127.0.0.1");
  await eventually(() => expect(bodies[0]?.said()).toContain("HTTP/1.1 503"));

  expect(bodies[0]?.said()).toMatch(/retry-after: 1/i);
  expect([bodies[1]?.said(), bodies[2]?.said(), last.said()]).toEqual(["", "", ""]);
  for (const { socket } of [...bodies, last]) socket.destroy();
});

test("one address cannot use up the memory for bodies of another", async () => {
  await using server = await openGateway({ limits: LIMITS });
  const honest = await unfinished(server.port, "127.0.0.2");
  const bodies: Unfinished[] = [];
  for (let n = 0; n < 6; n++) bodies.push(await unfinished(server.port, "127.0.0.1"));
  await eventually(() => expect(bodies.filter(({ said }) => said().includes(" 503 "))).toHaveLength(4));

  honest.socket.write(" ");
  await eventually(() => expect(honest.said()).toContain("HTTP/1.1 "));

  // The whole body arrived, and blanks are not JSON.
  expect(honest.said()).toContain("HTTP/1.1 400");
  for (const { socket } of [...bodies, honest]) socket.destroy();
});

test("requests are received during and after bodies that never end", async () => {
  await using server = await openGateway({ limits: LIMITS });
  const bodies: Unfinished[] = [];
  for (let n = 0; n < 3; n++) bodies.push(await unfinished(server.port, "127.0.0.1"));

  const beside = await change(server.url);
  for (const { socket } of bodies) socket.destroy();
  await eventually(() => expect(server.gateway.connections).toBeLessThan(2));
  const after = await Promise.all([change(server.url), change(server.url), change(server.url)]);

  expect(beside.status).toBe(200);
  expect(after.map(({ status }) => status)).toEqual([200, 200, 200]);
});
