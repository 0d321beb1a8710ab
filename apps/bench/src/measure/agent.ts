import { once } from "node:events";
import { connect } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { spawnBundled } from "@telltale/testkit";
import type { Calls } from "./serve.js";

/** A process of a contender. `await using` ends it. */
export interface Agent<C extends Calls> extends AsyncDisposable {
  readonly pid: number;
  /** Makes the process do something, and resolves with its answer. Rejects with the error that it had. */
  call<K extends keyof C & string>(name: K, argument: Parameters<C[K]>[0]): Promise<Awaited<ReturnType<C[K]>>>;
}

interface Waiting {
  // biome-ignore lint/suspicious/noExplicitAny: an answer has the type that its call has in `C`.
  readonly resolve: (answer: any) => void;
  readonly reject: (error: Error) => void;
}

/** Starts a script that calls `serve`, bundled and as in production. */
export async function startAgent<C extends Calls>(script: URL): Promise<Agent<C>> {
  const started = await spawnBundled(fileURLToPath(script), { env: { NODE_ENV: "production" } });
  const line = await started.line(/^\{"agent":/, { timeoutMs: 30_000 });
  const socket = connect(JSON.parse(line).agent.port, "127.0.0.1");
  await once(socket, "connect");
  const waiting = new Map<number, Waiting>();
  let next = 0;
  createInterface({ input: socket }).on("line", (text) => {
    const { id, answer, failed } = JSON.parse(text);
    const { resolve, reject } = waiting.get(id) ?? {};
    waiting.delete(id);
    if (failed === undefined) resolve?.(answer);
    else reject?.(new Error(`${script.pathname.split("/").slice(-2).join("/")}: ${failed}`));
  });
  void started.exited.then(({ code, signal }) => {
    for (const { reject } of waiting.values()) {
      reject(
        new Error(`A contender's process ended (${signal ?? `code ${code}`}):\n${started.output().slice(-4_000)}`),
      );
    }
    waiting.clear();
  });
  socket.on("error", () => {});

  return {
    pid: started.pid,
    call: (name, argument) =>
      new Promise((resolve, reject) => {
        const id = next++;
        waiting.set(id, { resolve, reject });
        socket.write(`${JSON.stringify({ id, name, argument })}\n`);
      }),
    async [Symbol.asyncDispose]() {
      socket.destroy();
      await started.stop();
    },
  };
}
