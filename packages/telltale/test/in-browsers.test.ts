import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { BUNDLERS } from "./bundle-page.js";

const PAGES = {
  "telltale/server": 'import { createTelltale } from "telltale/server"; createTelltale({ jobs: {} });',
  "telltale/worker": 'import { createWorker } from "telltale/worker"; createWorker({});',
  "telltale/trpc": 'import { createJobsRouter } from "telltale/trpc"; createJobsRouter({}, {});',
  "telltale/gateway": 'import { createGateway } from "telltale/gateway"; createGateway({});',
} as const;
const MODULES = {
  "telltale/server": "queue",
  "telltale/worker": "worker",
  "telltale/trpc": "trpc",
  "telltale/gateway": "gateway",
} as const satisfies Record<keyof typeof PAGES, string>;

const bundlers = Object.entries(BUNDLERS);
const cases = Object.entries(PAGES).flatMap(([entry, page]) =>
  bundlers.map(([name, bundle]) => ({ entry, page, name, bundle })),
);

test.each(cases)(
  "a page that is bundled by $name with $entry fails when it loads, and the error says what to import",
  async (one) => {
    const said = new RegExp(`^${one.entry} needs Node\\.js .* In a browser, import telltale/client`);

    const code = await one.bundle(one.page);

    await expect(load(code)).rejects.toThrow(expect.objectContaining({ message: expect.stringMatching(said) }));
  },
);

test.each(Object.entries(MODULES))(
  "%s has the same names in a browser, so that it can be bundled",
  async (entry, module) => {
    const stub = readFileSync(new URL(`../src/${module}/browser.ts`, import.meta.url), "utf8");

    const names = Array.from(stub.matchAll(/^export const (\w+) = refused;$/gm), ([, name]) => name);

    expect(names.toSorted()).toEqual(Object.keys(await import(entry)).toSorted());
  },
);

test.each(bundlers)("%s leaves out what a page imports for servers and does not use", async (_name, bundle) => {
  const page = 'import { createTelltale } from "telltale/server"; if (false) createTelltale({}); console.debug(1);';

  await expect(load(await bundle(page))).resolves.toBeDefined();
});

function load(code: string): Promise<unknown> {
  return import(/* @vite-ignore */ `data:text/javascript;base64,${Buffer.from(code).toString("base64")}`);
}
