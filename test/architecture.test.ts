import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const SOURCES = join(ROOT, "packages/telltale/src");

/** Which module of `telltale` may import which. Add an arrow to ARCHITECTURE.md before you add it here. */
const MODULES: Readonly<Record<string, readonly string[]>> = {
  core: [],
  queue: ["core"],
  worker: ["core", "queue"],
  trpc: ["core", "queue"],
  gateway: ["core", "trpc"],
  client: ["core"],
  cli: ["client", "core"],
};

/** Which modules may use core's zod schemas at run time. The others run in browsers and may use only the types. */
const MAY_USE_SCHEMAS: readonly string[] = ["queue", "worker", "trpc", "gateway", "cli"];

/** The entry points for browsers, with the packages they bring into a bundle. */
const IN_BROWSERS: Readonly<Record<string, readonly string[]>> = {
  core: ["superjson"],
  client: ["@trpc/client", "@trpc/server/observable"],
};

/** Which package may import which. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  telltale: [],
  "@telltale/contracts": ["telltale"],
  "@telltale/local-redis": [],
  "@telltale/testkit": ["@telltale/local-redis"],
  server: ["@telltale/contracts", "telltale"],
  worker: ["@telltale/contracts", "telltale"],
  chaos: ["@telltale/local-redis", "@telltale/testkit", "telltale"],
  bench: ["@telltale/local-redis", "@telltale/testkit", "telltale"],
  stack: ["@telltale/contracts", "@telltale/local-redis", "@telltale/testkit", "telltale"],
};

/** npm packages that only these modules may import. */
const ONLY_IN: Readonly<Record<string, readonly string[]>> = {
  ioredis: ["queue"],
  croner: ["queue"],
  ws: ["client", "gateway"],
  jose: ["cli", "trpc"],
  "@trpc/client": ["client"],
  "@trpc/server": ["client", "gateway", "trpc"],
  commander: ["cli"],
};

/** A Lua script and the TypeScript file of the same name count as two. */
const FILES_IN_A_FOLDER = 22;

interface Package {
  readonly folder: string;
  readonly name: string;
  readonly dependencies: readonly string[];
  readonly devDependencies: readonly string[];
  readonly scripts: Readonly<Record<string, string>>;
}

const packages = ["packages", "apps"].flatMap((room) =>
  readdirSync(join(ROOT, room)).map((folder): Package => {
    const json: Partial<{
      name: string;
      dependencies: object;
      devDependencies: object;
      peerDependencies: object;
      scripts: Record<string, string>;
    }> = JSON.parse(readFileSync(join(ROOT, room, folder, "package.json"), "utf8"));
    return {
      folder: `${room}/${folder}`,
      name: json.name ?? "",
      dependencies: Object.keys({ ...json.dependencies, ...json.peerDependencies }),
      devDependencies: Object.keys(json.devDependencies ?? {}),
      scripts: json.scripts ?? {},
    };
  }),
);
const ours = new Set(packages.map(({ name }) => name));
const modules = readdirSync(SOURCES);

test("the tables list every package and every module, and no others", () => {
  expect([...ours].sort()).toEqual(Object.keys(PACKAGES).sort());
  expect(modules.sort()).toEqual(Object.keys(MODULES).sort());
});

test.each(packages)("$folder depends on exactly the packages in its row", ({ name, dependencies }) => {
  const drawn = dependencies.filter((dependency) => ours.has(dependency));

  expect(drawn.sort()).toEqual([...(PACKAGES[name] ?? [])].sort());
});

test.each(packages)("$folder imports only what its package.json names", ({ folder, name, ...json }) => {
  // The published CLI is bundled, so its libraries are devDependencies. So is all that the benchmarks compare, which is never deployed.
  const bundled = folder === "packages/telltale" ? json.devDependencies : [];
  const compared = folder === "apps/bench" ? json.devDependencies : [];

  for (const [file, imported] of importsOf(join(ROOT, folder, "src"))) {
    if (imported.startsWith(".") || imported.startsWith("node:") || imported.startsWith("#")) continue;
    const allowed = [...json.dependencies, name, ...(file.startsWith("cli/") ? bundled : []), ...compared];
    expect(allowed, `${file} imports ${imported}`).toContain(packageOf(imported));
  }
});

test.each(modules)("%s imports only the modules in its row, and only through their entry points", (module) => {
  const allowed = (MODULES[module] ?? []).flatMap((other) => [`${other}/index.js`, `${other}/internal.js`]);

  for (const [file, imported, isType] of importsOf(join(SOURCES, module))) {
    if (!imported.startsWith(".")) continue;
    const target = relative(SOURCES, join(SOURCES, module, dirname(file), imported));
    if (target.startsWith(`${module}/`)) continue;
    if (target === "core/schemas.js" && (isType || MAY_USE_SCHEMAS.includes(module))) continue;
    expect(allowed, `${module}/${file} imports ${imported}`).toContain(target);
  }
});

test.each(Object.entries(IN_BROWSERS))(
  "%s adds neither zod nor Node modules to a browser bundle",
  async (module, packages) => {
    const { metafile } = await build({
      entryPoints: [join(SOURCES, module, "index.ts")],
      bundle: true,
      platform: "browser",
      packages: "external",
      format: "esm",
      conditions: ["@telltale/source"],
      write: false,
      metafile: true,
    });
    const [output] = Object.values(metafile.outputs);

    expect(new Set(output?.imports.map(({ path }) => path))).toEqual(new Set(packages));
  },
);

test.each(packages)("$folder has no import cycles, type imports included", ({ folder }) => {
  const imports = new Map<string, string[]>();
  for (const [file, imported] of importsOf(join(ROOT, folder, "src"))) {
    if (!imported.startsWith(".")) continue;
    const target = join(dirname(file), imported).replace(/\.js$/, ".ts");
    imports.set(file, [...(imports.get(file) ?? []), target]);
  }

  expect(circlesIn(imports)).toEqual([]);
});

test("no folder has more than about twenty source files", () => {
  const files = readdirSync(SOURCES, { recursive: true, encoding: "utf8" }).filter(
    (file) => /\.(ts|lua)$/.test(file) && !/\.(test|test-d|generated)\.ts$/.test(file),
  );

  for (const folder of new Set(files.map((file) => dirname(file)))) {
    const held = files.filter((file) => dirname(file) === folder);
    expect(held.length, folder).toBeLessThanOrEqual(FILES_IN_A_FOLDER);
  }
});

test.each(modules)("%s imports no package that is reserved for other modules", (module) => {
  for (const [file, imported] of importsOf(join(SOURCES, module))) {
    const where = ONLY_IN[packageOf(imported)];
    if (where) expect(where, `${module}/${file} imports ${imported}`).toContain(module);
  }
});

test("only the queue and the benchmarks use ioredis", () => {
  const users = packages.filter(({ dependencies }) => dependencies.includes("ioredis")).map(({ name }) => name);

  expect(users.sort()).toEqual(["bench", "telltale"]);
});

test("`pnpm --filter worker start` finds the worker application", () => {
  const worker = packages.find(({ name }) => name === "worker");

  expect(worker?.scripts.start).toBe("node dist/main.js");
});

/** Returns the import cycles, each as a path from a file back to itself. */
function circlesIn(imports: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>();
  return [...imports.keys()].flatMap((file) => circlesFrom(file, []));

  function circlesFrom(file: string, path: readonly string[]): string[] {
    if (path.includes(file)) return [[...path.slice(path.indexOf(file)), file].join(" -> ")];
    if (done.has(file)) return [];
    const found = (imports.get(file) ?? []).flatMap((next) => circlesFrom(next, [...path, file]));
    done.add(file);
    return found;
  }
}

function packageOf(imported: string): string {
  return imported.split("/", imported.startsWith("@") ? 2 : 1).join("/");
}

function importsOf(folder: string): [file: string, imported: string, isType: boolean][] {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const sources = files.filter((file) => file.endsWith(".ts") && !/\.(test|test-d)\.ts$/.test(file));
  return sources.flatMap((file) => {
    const text = readFileSync(join(folder, file), "utf8");
    const found = text.matchAll(/^(?:import|export)\s[^;]*?from "([^"]+)"|^import "([^"]+)"|\bimport\("([^"]+)"\)/gm);
    return [...found].map((match): [string, string, boolean] => [
      file,
      match[1] ?? match[2] ?? match[3] ?? "",
      /^(?:import|export) type\s/.test(match[0]),
    ]);
  });
}
