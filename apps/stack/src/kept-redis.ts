import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { findRedisServer, type LocalRedis, startRedis } from "@telltale/local-redis";

/** A private Redis that is restarted on its data when it ends. */
export interface KeptRedis {
  /** Stays the same across restarts. */
  readonly url: string;
  readonly version: string;
  /** Safe to call twice. */
  stop(): Promise<void>;
}

const RESTART_MS = 500;

/** Finds or fetches a real Redis and keeps it running. Without `dir`, its data is removed by `stop`. */
export async function keepRedis(
  options: Readonly<{ dir: string | undefined; onStep: (text: string) => void }>,
): Promise<KeptRedis> {
  const { onStep } = options;
  const binary = await findRedisServer({ onProgress: onStep });
  const dir = options.dir ?? (await mkdtemp(join(tmpdir(), "telltale-")));
  const start = (): Promise<LocalRedis> => startRedis({ binary, dir, appendOnly: true });
  const stopping = new AbortController();
  let server = await start();

  const supervised = (async () => {
    for (;;) {
      await server.exited;
      if (stopping.signal.aborted) return;
      onStep(`Redis (${server.pid}) ended, restarting it on its data`);
      await delay(RESTART_MS);
      if (stopping.signal.aborted) return;
      server = await start();
    }
  })().catch((error: unknown) => onStep(`Redis could not be restarted: ${String(error)}`));

  return {
    url: server.url,
    version: binary.version,
    async stop() {
      stopping.abort();
      await server.stop();
      await supervised;
      await server.stop();
      if (options.dir === undefined) await rm(dir, { recursive: true, force: true });
    },
  };
}
