import { createServer } from "node:net";
import { createInterface } from "node:readline";

/** What a process of a contender can be asked to do: one argument, which is JSON, and an answer, which is JSON. */
// biome-ignore lint/suspicious/noExplicitAny: the arguments of the calls differ; `Agent.call` checks them by name.
export type Calls = { readonly [name: string]: (argument: any) => Promise<unknown> };

/**
 * Makes this process an agent: it answers the calls of the process that started it, over a loopback connection of its own, so that
 * the measured Redis and sockets carry nothing else.
 */
export function serve(calls: Calls): void {
  // `spawnBundled` turns source maps on. No production process pays for them.
  process.setSourceMapsEnabled(false);
  const server = createServer((socket) => {
    createInterface({ input: socket }).on("line", async (line) => {
      const { id, name, argument } = JSON.parse(line);
      try {
        const call = calls[name];
        if (!call) throw new Error(`This agent has no call ${name}`);
        socket.write(`${JSON.stringify({ id, answer: (await call(argument)) ?? null })}\n`);
      } catch (error) {
        const failed = error instanceof Error ? (error.stack ?? error.message) : String(error);
        socket.write(`${JSON.stringify({ id, failed })}\n`);
      }
    });
  });
  server.listen(0, "127.0.0.1", () => console.log(JSON.stringify({ agent: server.address() })));
}
