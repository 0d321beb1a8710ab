import { isBuiltin } from "node:module";
import { expect, test } from "vitest";
import { bundleLeaseThread } from "../../../build/generate-lease-thread.mjs";

const { text, bytes } = await bundleLeaseThread();
const files = [...bytes].filter(([, size]) => size > 0).map(([file]) => file);

test("the lease thread bundles ioredis, and no other package that an application does not expect there", () => {
  const packages = files.flatMap((file) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? []);

  expect([...new Set(packages)].sort()).toEqual([
    "@ioredis/commands",
    "cluster-key-slot",
    "debug",
    "denque",
    "ioredis",
    "ms",
    "redis-errors",
    "standard-as-callback",
  ]);
  expect(text.length).toBeLessThan(260_000);
});

test("the lease thread bundles the scripts that it runs, and no others", () => {
  const twins = files.flatMap((file) => /queue\/scripts\/\w+\/([\w-]+)\.ts$/.exec(file)?.[1] ?? []);

  expect(twins.sort()).toEqual(["beat", "extend", "fail", "release", "settle"]);
  expect(text.match(/#!lua/g)).toHaveLength(4);
});

test("the lease thread imports only modules that are built into Node", () => {
  const required = [...text.matchAll(/require\("([^"]+)"\)/g)].map(([, name = ""]) => name);

  // `debug` works without colours if supports-color is not installed.
  expect(required.filter((name) => !isBuiltin(name))).toEqual(["supports-color"]);
  expect(required).toContain("node:worker_threads");
  expect(text).not.toContain("import.meta");
});
