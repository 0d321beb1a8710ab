import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { BUNDLERS } from "../bundle-page.js";

const KB = 1_000;
/** What jobs may add to a page that has a tRPC client and superjson. */
const ADDED_KB = 12;
/** What a page may grow to by a client that brings its own connection. */
const WHOLE_KB = 30;

test.each(Object.entries(BUNDLERS))("%s adds at most 12 kB for jobs to a page with tRPC", async (name, bundle) => {
  const before = gzippedKb(await bundle(page("trpc", "trpc")));
  const after = gzippedKb(await bundle(page("trpc-and-jobs", "client")));

  console.log(`${name}: createJobsClient adds ${(after - before).toFixed(1)} kB gzip to ${before.toFixed(1)} kB`);
  // The client is in there: without it the difference would be small as well.
  expect(after - before).toBeGreaterThan(3);
  expect(after - before).toBeLessThanOrEqual(ADDED_KB);
});

test.each(Object.entries(BUNDLERS))("%s makes at most 30 kB of a client with everything", async (name, bundle) => {
  const whole = gzippedKb(await bundle(page("own-client", "client")));

  console.log(`${name}: createClient with everything is ${whole.toFixed(1)} kB gzip`);
  expect(whole).toBeGreaterThan(15);
  expect(whole).toBeLessThanOrEqual(WHOLE_KB);
});

// What is imported is used, so that no bundler leaves it out.
function page(name: string, used: string): string {
  return `import { ${used} } from "./client/pages/${name}.ts"; globalThis.page = ${used};`;
}

function gzippedKb(code: string): number {
  return gzipSync(code, { level: 9 }).length / KB;
}
