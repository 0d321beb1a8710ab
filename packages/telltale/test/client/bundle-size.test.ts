import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build as buildWithEsbuild } from "esbuild";
import { expect, test } from "vitest";
import { bundleWithVite } from "../bundle-with-vite.js";

const KB = 1_000;
/** What jobs may add to a page that has a tRPC client and superjson. */
const ADDED_KB = 12;
/** What a page may grow to by a client that brings its own connection. */
const WHOLE_KB = 30;

const bundlers = { esbuild: withEsbuild, vite: bundleWithVite };

test.each(Object.entries(bundlers))("%s adds at most 12 kB for jobs to a page with tRPC", async (name, bundle) => {
  const before = gzippedKb(await bundle(page("trpc")));
  const after = gzippedKb(await bundle(page("trpc-and-jobs")));

  console.log(`${name}: createJobsClient adds ${(after - before).toFixed(1)} kB gzip to ${before.toFixed(1)} kB`);
  // Nothing left out: without the client the difference would be small too.
  expect(after - before).toBeGreaterThan(3);
  expect(after - before).toBeLessThanOrEqual(ADDED_KB);
});

test.each(Object.entries(bundlers))("%s makes at most 30 kB of a client with everything", async (name, bundle) => {
  const whole = gzippedKb(await bundle(page("own-client")));

  console.log(`${name}: createClient with everything is ${whole.toFixed(1)} kB gzip`);
  expect(whole).toBeLessThanOrEqual(WHOLE_KB);
});

function page(name: string): string {
  return fileURLToPath(new URL(`pages/${name}.ts`, import.meta.url));
}

function gzippedKb(code: string): number {
  return gzipSync(code, { level: 9 }).length / KB;
}

async function withEsbuild(entry: string): Promise<string> {
  const { outputFiles } = await buildWithEsbuild({
    entryPoints: [entry],
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    conditions: ["@telltale/source"],
    write: false,
  });
  return outputFiles[0]?.text ?? "";
}
