const LIBRARY = "packages/telltale";

/** The tests of parts of the library, if they are not those of the folder of the same name. The most specific part counts. */
const SUITES = [
  { source: "src/trpc", tests: ["src/trpc/**/*.test.ts", "test/trpc/**/*.test.ts", "test/gateway/context.test.ts"] },
  {
    source: "src/queue/watch",
    tests: ["src/queue/watch/**/*.test.ts", ...inQueue("watch", "hub-faults", "resume", "chunks", "stats", "silence")],
  },
];

/**
 * Returns the globs of the tests of these sources.
 *
 * @param {readonly string[]} sources
 * @returns {string[]}
 */
export function testsOf(sources) {
  return [...new Set(sources.flatMap(testsOfOne))];
}

function testsOfOne(source) {
  const path = source.startsWith(`${LIBRARY}/`) ? source.slice(LIBRARY.length + 1) : null;
  const [, module] = path?.split("/") ?? [];
  if (module === undefined) {
    const folder = source.split("/").slice(0, 2).join("/");
    return [`${folder}/{src,test}/**/*.test.ts`];
  }
  const [suite] = SUITES.filter((one) => path?.startsWith(`${one.source}/`)).sort(
    (a, b) => b.source.length - a.source.length,
  );
  const tests = suite?.tests ?? [`src/${module}/**/*.test.ts`, `test/${module}/**/*.test.ts`];
  return tests.map((test) => `${LIBRARY}/${test}`);
}

function inQueue(...names) {
  return names.map((name) => `test/queue/${name}.test.ts`);
}
