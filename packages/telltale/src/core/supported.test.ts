import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { assertSupported, OLDEST } from "./supported.js";

test("the oldest supported versions are the same as in package.json", () => {
  const { engines, peerDependencies } = JSON.parse(
    readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
  );
  const { node, ...peers } = OLDEST;

  expect(`${engines.node}.0`).toBe(`>=${node}`);
  expect(peerDependencies).toEqual(Object.fromEntries(Object.entries(peers).map(([name, v]) => [name, `^${v}`])));
});

test.each([
  ["@trpc/server", "11.3.1"],
  ["@trpc/server", "10.45.4"],
  ["@trpc/client", "11.0.0-rc.528"],
  ["zod", "3"],
  ["zod", "3.25.76"],
  ["node", "20.18.3"],
  ["node", "18.20.8"],
] as const)("%s %s is refused", (name, version) => {
  expect(() => assertSupported(name, version)).toThrow(expect.objectContaining({ code: "invalid_config" }));
});

test.each([
  ["@trpc/server", "11.4.0"],
  ["@trpc/server", "11.25.2"],
  ["@trpc/client", undefined],
  ["zod", "4.0.0"],
  ["node", "20.19.0"],
  ["node", "26.10.0"],
] as const)("%s %s is accepted", (name, version) => {
  expect(() => assertSupported(name, version)).not.toThrow();
});

test("the message says what was found, what is needed and what to do", () => {
  expect(() => assertSupported("@trpc/server", "10.45.4")).toThrow(
    "Telltale needs @trpc/server ^11.4.0, but found 10.45.4. " +
      "Update it: npm install @trpc/server@^11.4.0 @trpc/client@^11.4.0",
  );
  expect(() => assertSupported("node", "18.20.8")).toThrow(
    "Telltale needs Node.js 20.19.0 or newer, but found 18.20.8. Install a newer one: https://nodejs.org",
  );
});
