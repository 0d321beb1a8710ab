import { defineConfig } from "vitest/config";

// Packages of this workspace are run from their sources.
const conditions = ["@telltale/source"];

const TESTS = ["{packages,apps,examples}/*/{src,test}/**/*.test.ts", "test/**/*.test.ts"];

/** The paths that `npm test -- PATH` names, as globs. vitest's own filters are substrings of paths. */
const named: readonly string[] = JSON.parse(process.env.TELLTALE_TEST_PATHS ?? "[]");

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: named.length > 0 ? [...named] : TESTS,
    exclude: ["**/node_modules/**", "**/dist/**"],
    // Imports of the same modules for every file would take a quarter of the time.
    isolate: false,
    // For two cores: a third of the time of two workers is spent waiting. With more than three, files make each other late.
    maxWorkers: 3,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    unstubEnvs: true,
    setupFiles: ["vitest.setup.ts"],
  },
});
