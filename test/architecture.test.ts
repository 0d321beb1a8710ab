import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** Who may import whom. An arrow that is not here is drawn in ARCHITECTURE.md first. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  "@telltale/core": [],
  "@telltale/contracts": ["@telltale/core"],
  "@telltale/queue": ["@telltale/core"],
  "@telltale/worker": ["@telltale/core", "@telltale/queue"],
  "@telltale/api": ["@telltale/core", "@telltale/queue"],
  "@telltale/gateway": ["@telltale/api", "@telltale/core"],
  "@telltale/client": ["@telltale/core"],
  "@telltale/local-redis": [],
  "@telltale/testkit": ["@telltale/local-redis"],
  server: ["@telltale/api", "@telltale/contracts", "@telltale/core", "@telltale/gateway", "@telltale/queue"],
  worker: ["@telltale/contracts", "@telltale/core", "@telltale/queue", "@telltale/worker"],
  chaos: [
    "@telltale/api",
    "@telltale/client",
    "@telltale/core",
    "@telltale/gateway",
    "@telltale/local-redis",
    "@telltale/queue",
    "@telltale/testkit",
    "@telltale/worker",
  ],
  bench: ["@telltale/local-redis"],
  cli: ["@telltale/client", "@telltale/contracts", "@telltale/core"],
  stack: ["@telltale/client", "@telltale/contracts", "@telltale/core", "@telltale/local-redis", "@telltale/testkit"],
};

interface Package {
  readonly folder: string;
  readonly name: string;
  readonly dependencies: readonly string[];
  readonly scripts: Readonly<Record<string, string>>;
}

const packages = ["packages", "apps"].flatMap((room) =>
  readdirSync(join(ROOT, room)).map((folder): Package => {
    const json: Partial<{
      name: string;
      dependencies: object;
      peerDependencies: object;
      scripts: Record<string, string>;
    }> = JSON.parse(readFileSync(join(ROOT, room, folder, "package.json"), "utf8"));
    return {
      folder: `${room}/${folder}`,
      name: json.name ?? "",
      dependencies: Object.keys({ ...json.dependencies, ...json.peerDependencies }),
      scripts: json.scripts ?? {},
    };
  }),
);
const ours = new Set(packages.map(({ name }) => name));

test("every package is on the map, and the map has no others", () => {
  expect([...ours].sort()).toEqual(Object.keys(ARROWS).sort());
});

test.each(packages)("$folder depends on no package the map does not allow it", ({ name, dependencies }) => {
  const drawn = dependencies.filter((dependency) => ours.has(dependency));

  expect(drawn.sort()).toEqual([...(ARROWS[name] ?? [])].sort());
});

test.each(packages)("$folder imports only what its package.json names", ({ folder, name, dependencies }) => {
  const allowed = new Set([...dependencies, name]);

  for (const [file, imported] of importsOf(join(ROOT, folder, "src"))) {
    if (imported.startsWith(".") || imported.startsWith("node:") || imported.startsWith("#")) continue;
    const dependency = imported.split("/", imported.startsWith("@") ? 2 : 1).join("/");
    expect(allowed, `${file} imports ${imported}`).toContain(dependency);
  }
});

test("only the queue knows Redis, beside benchmarks of what it might have been", () => {
  const users = packages.filter(({ dependencies }) => dependencies.includes("ioredis")).map(({ name }) => name);

  expect(users).toEqual(["@telltale/queue", "bench"]);
});

test("`pnpm --filter worker start` finds the worker application", () => {
  const worker = packages.find(({ name }) => name === "worker");

  expect(worker?.scripts.start).toBe("node dist/main.js");
});

function importsOf(folder: string): [file: string, imported: string][] {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const sources = files.filter((file) => file.endsWith(".ts") && !/\.(test|test-d)\.ts$/.test(file));
  return sources.flatMap((file) => {
    const text = readFileSync(join(folder, file), "utf8");
    const found = text.matchAll(/^(?:import|export)\s[^;]*?from "([^"]+)"|^import "([^"]+)"|\bimport\("([^"]+)"\)/gm);
    return [...found].map((match): [string, string] => [file, match[1] ?? match[2] ?? match[3] ?? ""]);
  });
}
