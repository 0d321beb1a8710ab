import { connect } from "node:net";
import { initTRPC } from "@trpc/server";
import { defineJob, defineJobs, handle, type Logger, transformer } from "telltale";
import { createGateway, type Gateway } from "telltale/gateway";
import { createTelltale, type Telltale } from "telltale/server";
import { createJobsRouter, telltaleErrorFormatter } from "telltale/trpc";
import { createWorker } from "telltale/worker";
import { z } from "zod";

/** Echoes the word as progress and as a chunk, and then as output or as an error. */
export const echo = defineJob("echo", {
  input: z.object({ word: z.string(), ends: z.enum(["well", "badly", "never"]) }),
  progress: z.object({ word: z.string() }),
  chunk: z.object({ word: z.string() }),
  output: z.object({ word: z.string() }),
  retry: { attempts: 1 },
});
const jobs = defineJobs(echo);
/** The contracts of the stack. */
export type EchoJobs = typeof jobs;

/** Engine, worker and gateway in this process. */
export interface OneProcess extends AsyncDisposable {
  readonly telltale: Telltale<EchoJobs>;
  readonly gateway: Gateway;
  readonly url: string;
}

/** Starts one on a Redis. Every caller is the user ann. */
export async function openOneProcess(
  options: Readonly<{ redis: string; workers: number; logger?: Logger }>,
): Promise<OneProcess> {
  const { redis, workers, logger } = options;
  const logging = { logger: logger ?? false } as const;
  const telltale = createTelltale({ jobs, redis, ...logging });
  const t = initTRPC.create({ transformer, errorFormatter: telltaleErrorFormatter });
  const router = t.router({
    jobs: createJobsRouter(telltale, {
      procedure: t.procedure,
      subject: () => ({ id: "ann" }),
      submit: ["echo"],
    }),
  });
  const gateway = createGateway({ router, createContext: () => ({}), ...logging });
  const handler = handle(echo, async ({ input: { word, ends }, progress, chunk, signal }) => {
    progress({ word });
    chunk({ word });
    if (ends === "badly") throw new Error(`no ${word}`);
    if (ends === "never") await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    return { word };
  });
  const running = Array.from({ length: workers }, () =>
    createWorker({ telltale, handlers: [handler], graceMs: 0, pollMs: 50, ...logging }),
  );
  const { url } = await gateway.listen(0);
  return {
    telltale,
    gateway,
    url,
    async [Symbol.asyncDispose]() {
      await Promise.all(running.map((worker) => worker.stop()));
      await gateway.close({ graceMs: 0 });
      await telltale[Symbol.asyncDispose]();
    },
  };
}

/** Sends one command to Redis and resolves with the raw reply. */
export async function askRedis(socketPath: string, command: string): Promise<string> {
  const socket = connect(socketPath);
  socket.end(`${command}\r\nQUIT\r\n`);
  let answer = "";
  for await (const part of socket) answer += String(part);
  return answer;
}
