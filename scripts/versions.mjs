import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { setup } from "./lib/setup.mjs";
import { CORE_SUITE, SAMPLE, TRPC_SUITE } from "./versions/suites.mjs";

const HELP = `npm run versions -- [--sample] [--trpc VERSION…] [--node VERSION…] [-- TEST…]

Runs the tests with other versions of tRPC and Node than the pinned ones.

  --trpc VERSION   lowest (of the range in packages/telltale/package.json), newest, or a version; can be repeated
  --node VERSION   newest, a major version such as 24, or a version; from the npm package "node"; can be repeated
  --sample         the lowest tRPC and the newest Node with a few tests, in under a minute
  TEST…            run these test files instead

Without --trpc and --node, it uses the lowest and newest tRPC and Node 22, 24 and newest. Then it checks that the packed
library works with the lowest versions of its peer dependencies, and refuses older ones.`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    trpc: { type: "string", multiple: true },
    node: { type: "string", multiple: true },
    sample: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  console.log(HELP);
  process.exit();
}
await setup();
const { pack } = await import("./pack-check/pack.mjs");
const { installNode, testOnNode } = await import("./versions/node.mjs");
const { refusesBelow, worksWith } = await import("./versions/package.mjs");
const { lowestOf, resolveNode, resolveTrpc } = await import("./versions/resolve.mjs");
const { testOnTrpc } = await import("./versions/trpc.mjs");

const isAll = values.trpc === undefined && values.node === undefined;
const trpc = values.trpc ?? (isAll ? (values.sample ? ["lowest"] : ["lowest", "newest"]) : []);
const node = values.node ?? (isAll ? (values.sample ? ["newest"] : ["22", "24", "newest"]) : []);
const testsOf = (all, few) => (positionals.length > 0 ? positionals : values.sample ? few : all);

const started = performance.now();
const folder = mkdtempSync(join(tmpdir(), "telltale-versions-"));
const failed = [];
const attempt = async (name, work) => {
  console.log(`\n-- ${name}`);
  if (!(await work())) failed.push(name);
};
try {
  for (const version of new Set(await Promise.all(trpc.map(resolveTrpc)))) {
    await attempt(`tRPC ${version}`, () => testOnTrpc(version, { folder, tests: testsOf(TRPC_SUITE, SAMPLE.trpc) }));
  }
  for (const version of new Set(await Promise.all(node.map(resolveNode)))) {
    const binary = await installNode(version, folder);
    await attempt(`Node ${version}`, () => testOnNode(binary, testsOf(CORE_SUITE, SAMPLE.node)));
  }
  if (isAll && !values.sample && positionals.length === 0) {
    console.log("\n-- the package with the lowest versions of its peer dependencies, and with older ones");
    const tarball = await pack(folder);
    const lowest = Object.fromEntries(["@trpc/server", "@trpc/client", "zod"].map((name) => [name, lowestOf(name)]));
    await worksWith(lowest, { folder, tarball });
    await refusesBelow({ folder, tarball, oldNode: await installNode("18", folder) });
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
const seconds = Math.round((performance.now() - started) / 1000);
console.log(failed.length > 0 ? `\nfailed on ${failed.join(", ")}` : `\nall versions passed in ${seconds} s`);
process.exitCode = failed.length > 0 ? 1 : 0;
