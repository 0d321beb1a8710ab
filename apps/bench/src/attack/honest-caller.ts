import { request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { accountOf } from "./account.js";

const PAUSE_MS = 50;
const GIVE_UP_MS = 20_000;

/** How long successful calls took, and how often others ended otherwise, by HTTP status or error code. */
export interface Waits {
  readonly ms: number[];
  readonly refused: Record<string, number>;
}

/** Submits one job after the other, from another loopback address than the attacks. */
export class HonestCaller {
  readonly #port: number;
  readonly #authorization = `Bearer ${accountOf("honest")}`;

  constructor(port: number) {
    this.#port = port;
  }

  async callFor(forMs: number): Promise<Waits> {
    const waits: Waits = { ms: [], refused: {} };
    const until = performance.now() + forMs;
    while (performance.now() < until) {
      const startedAt = performance.now();
      const outcome = await this.#submit();
      if (outcome === 200) waits.ms.push(performance.now() - startedAt);
      else waits.refused[outcome] = (waits.refused[outcome] ?? 0) + 1;
      await sleep(PAUSE_MS);
    }
    return waits;
  }

  #submit(): Promise<number | string> {
    const body = JSON.stringify({
      json: { kind: "judge", input: { problem: "sum", language: "javascript", source: "const solve = () => 0;" } },
    });
    return new Promise((resolve) => {
      const req = request({
        port: this.#port,
        host: "127.0.0.1",
        localAddress: "127.0.0.2",
        path: "/trpc/submit",
        method: "POST",
        headers: { "content-type": "application/json", authorization: this.#authorization },
        timeout: GIVE_UP_MS,
      });
      req.on("response", (res) => {
        res.resume();
        res.once("close", () => resolve(res.statusCode ?? "no status"));
      });
      req.on("timeout", () => req.destroy(Object.assign(new Error("timeout"), { code: "TIMEOUT" })));
      req.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.name));
      req.end(body);
    });
  }
}
