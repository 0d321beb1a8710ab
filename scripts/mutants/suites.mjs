const LIBRARY = "packages/telltale";

/**
 * The tests of parts of the library, if they are not all tests of their module. Each fault is run with all tests that cover it, so
 * a few quick tests of a part are worth more than all those that only use it. The most specific part counts.
 */
const SUITES = {
  "src/trpc/job-token": ["src/trpc/**/*.test.ts"],
  "src/trpc/limits": ["src/trpc/**/*.test.ts"],
  "src/trpc/limits/submit-limits": [
    "src/trpc/limits/*.test.ts",
    "test/trpc/outstanding.test.ts",
    "test/trpc/submit.test.ts",
  ],
  "src/trpc/access": ["access", "list", "queues", "schedules"].map((name) => `test/trpc/${name}.test.ts`),
  "src/gateway/admission": ["src/gateway/**/*.test.ts"],
  "src/gateway/sockets/calls-in-flight": ["src/gateway/**/*.test.ts"],
  "src/gateway/sockets/handshake": ["src/gateway/**/*.test.ts"],
  "src/gateway/report": ["src/gateway/**/*.test.ts"],
  "src/worker/claiming": ["src/worker/**/*.test.ts", "test/worker/claim-loop.test.ts"],
  "src/worker/leases": ["src/worker/**/*.test.ts", "test/worker/lease-keeper.test.ts"],
  "src/worker/waiting": ["src/worker/**/*.test.ts"],
  "src/worker/attempt/persist": ["src/worker/**/*.test.ts"],
  "src/queue/watch": ["src/queue/watch/*.test.ts", "test/queue/hub-faults.test.ts", "test/queue/chunks.test.ts"],
  "src/queue/watch/hub": ["test/queue/hub.test.ts", "test/queue/hub-checks.test.ts"],
  "src/queue/watch/feed-watch": ["src/queue/watch/*.test.ts"],
  "src/queue/watch/stats-watch": ["src/queue/watch/*.test.ts", "test/queue/stats.test.ts"],
  "src/client": ["src/client/**/*.test.ts"],
  "src/client/transport": ["src/client/**/*.test.ts", "test/client/**/*.test.ts"],
};

/**
 * Returns the globs of the tests of these files or folders.
 *
 * @param {readonly string[]} sources
 * @returns {string[]}
 */
export function testsOf(sources) {
  return [...new Set(sources.flatMap(testsOfOne))];
}

function testsOfOne(source) {
  if (!source.startsWith(`${LIBRARY}/src/`)) {
    const folder = source.split("/").slice(0, 2).join("/");
    return [`${folder}/{src,test}/**/*.test.ts`];
  }
  const path = source.slice(LIBRARY.length + 1);
  const [, module] = path.split("/");
  const [part] = Object.keys(SUITES)
    .filter((one) => path.startsWith(one))
    .sort((a, b) => b.length - a.length);
  const tests = part === undefined ? [`src/${module}/**/*.test.ts`, `test/${module}/**/*.test.ts`] : SUITES[part];
  const folder = path.endsWith("/**/*.ts") ? path.slice(0, -"**/*.ts".length) : null;
  const inFolder = Object.keys(SUITES).filter((one) => folder !== null && one.startsWith(folder));
  return [...tests, ...inFolder.flatMap((one) => SUITES[one])].map((test) => `${LIBRARY}/${test}`);
}
