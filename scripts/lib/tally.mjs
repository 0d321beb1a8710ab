import { existsSync, readFileSync } from "node:fs";

/**
 * Counts the tests in vitest's JSON report. A file that could not be loaded has no tests in the report. It counts as
 * one failed test, so that a broken run never looks successful.
 *
 * @param {string} path
 * @returns {{ passed: number, failed: number, skipped: number }}
 */
export function readTally(path) {
  if (!existsSync(path)) return { passed: 0, failed: 0, skipped: 0 };

  const { testResults } = JSON.parse(readFileSync(path, "utf8"));
  const statuses = testResults.flatMap(({ status, assertionResults }) =>
    status === "failed" && !assertionResults.some((test) => test.status === "failed")
      ? ["failed", ...assertionResults.map((test) => test.status)]
      : assertionResults.map((test) => test.status),
  );
  const count = (...wanted) => statuses.filter((status) => wanted.includes(status)).length;
  return { passed: count("passed"), failed: count("failed"), skipped: count("pending", "skipped", "todo", "disabled") };
}
