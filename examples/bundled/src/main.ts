// Bundles a server and a worker, starts one server and two workers from the bundles, and has them run one job.
// REDIS_URL names a Redis 7 or Valkey 7.2.
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "telltale/client";
import { bundle } from "./bundle.js";
import { startBundled } from "./bundled-process.js";
import type { jobs } from "./contracts.js";

const folder = await mkdtemp(join(tmpdir(), "telltale-bundled-"));
try {
  await bundle(folder);
  for (const file of ["server.mjs", "worker.mjs"]) {
    const { size } = await stat(join(folder, file));
    console.log(`bundled    ${file}, ${(size / 1_000_000).toFixed(1)} MB`);
  }
  process.exitCode = (await runOneJob()) ? 0 : 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function runOneJob(): Promise<boolean> {
  await using server = await startBundled(join(folder, "server.mjs"), { PORT: "0" });
  await using one = await startBundled(join(folder, "worker.mjs"), {});
  await using other = await startBundled(join(folder, "worker.mjs"), {});
  await using client = createClient<typeof jobs>({ url: server.ready.replace("listening on ", ""), router: "jobs" });

  const job = await client.hash.submit({ text: "telltale", forMs: 3_000 });
  console.log("submitted  a job that blocks its worker for 3 s, with a lease of 1 s");
  const { rounds } = await job.output();
  console.log(`completed  after ${rounds.toLocaleString("en")} rounds`);

  const attempts = [...one.lines, ...other.lines].filter((line) => line.startsWith("attempt"));
  console.log(`${attempts.length === 1 ? "holds" : "FAILS"}      two workers started it ${attempts.length} time(s)`);
  return attempts.length === 1;
}
