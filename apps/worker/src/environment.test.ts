import { availableParallelism } from "node:os";
import { expect, test } from "vitest";
import { readEnvironment } from "./environment.js";

test("without settings, a worker uses Redis on this machine and all cores", () => {
  expect(readEnvironment({ CONCURRENCY: "" })).toEqual({
    REDIS_URL: "redis://127.0.0.1:6379",
    CONCURRENCY: availableParallelism(),
    LOG_LEVEL: "info",
    LEASE_MS: 30_000,
    HEALTH_FILE: "",
  });
});

test.each([
  ["CONCURRENCY", "0"],
  ["CONCURRENCY", "1.5"],
  ["CONCURRENCY", "many"],
  ["LOG_LEVEL", "loud"],
])("%s=%s is refused in one line that names the variable", (name, value) => {
  const read = () => readEnvironment({ [name]: value });

  expect(read).toThrow(expect.objectContaining({ code: "invalid_config" }));
  expect(read).toThrow(new RegExp(`^${name}: [^\\n]+$`));
});
