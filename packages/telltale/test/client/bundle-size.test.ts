import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { BUNDLERS } from "../bundle-page.js";

const KB = 1_000;
/** The most that jobs may add to a page that already has a tRPC client and superjson. */
const ADDED_KB = 12;
/** The largest allowed size of a page with only a client that has its own connection. */
const WHOLE_KB = 30;

test.each(Object.entries(BUNDLERS))(
  "jobs add at most 12 kB to a page with tRPC, bundled with %s",
  async (name, bundle) => {
    const before = gzippedKb(await bundle(page("trpc", "trpc")));
    const after = gzippedKb(await bundle(page("trpc-and-jobs", "client")));

    console.log(`${name}: createJobsClient adds ${(after - before).toFixed(1)} kB gzip to ${before.toFixed(1)} kB`);
    // Fails if the client is missing from the bundle, which would make the difference small as well.
    expect(after - before).toBeGreaterThan(3);
    expect(after - before).toBeLessThanOrEqual(ADDED_KB);
  },
);

test.each(Object.entries(BUNDLERS))("a page with only createClient is at most 30 kB with %s", async (name, bundle) => {
  const whole = gzippedKb(await bundle(page("own-client", "client")));

  console.log(`${name}: createClient is ${whole.toFixed(1)} kB gzip`);
  expect(whole).toBeGreaterThan(15);
  expect(whole).toBeLessThanOrEqual(WHOLE_KB);
});

// Uses what it imports, so that the bundler does not drop it.
function page(name: string, used: string): string {
  return `import { ${used} } from "./client/pages/${name}.ts"; globalThis.page = ${used};`;
}

function gzippedKb(code: string): number {
  return gzipSync(code, { level: 9 }).length / KB;
}
