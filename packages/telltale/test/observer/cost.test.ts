import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { silentLogger } from "../../src/core/logger.js";
import { observeFor } from "../../src/core/observe.js";

const SOURCES = new URL("../../src/", import.meta.url);
/** An event is only created if there is an observer: `observe && new …`. */
const ONLY_WHEN_OBSERVED = ["worker/attempt/attempt-story.ts", "trpc/observed-calls.ts", "gateway/sockets/sockets.ts"];

const TYPES = [
  ...readFileSync(new URL("core/observer.ts", SOURCES), "utf8").matchAll(/^ {2}"([a-z]+\.[a-z]+)":/gm),
].map(([, type = ""]) => type);
const files = readdirSync(SOURCES, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts") && !/\.(test|generated)/.test(file) && file !== "core/observer.ts")
  .map((file) => ({ file, text: readFileSync(new URL(file, SOURCES), "utf8") }));

test("without an observer, no events are created", () => {
  expect(observeFor(undefined, silentLogger)).toBeUndefined();
  expect(observeFor([], silentLogger)).toBeUndefined();
});

test("every event is created inside the call that reports it, which is skipped without an observer", () => {
  expect(TYPES).toHaveLength(18);
  for (const type of TYPES) {
    const places = files.filter(({ text }) => text.includes(`type: "${type}"`));
    expect(places.length, type).toBeGreaterThan(0);
    for (const { file, text } of places) {
      const told = ONLY_WHEN_OBSERVED.includes(file) ? /observe(\?\.)?\(\{\s*type: "/g : /observe\?\.\(\{\s*type: "/g;
      const [calls, made] = [text.match(told) ?? [], text.match(/type: "[a-z]+\.[a-z]+"/g) ?? []];
      expect(calls.length, file).toBe(made.length);
    }
  }
});

test("the page about observers names every event with its fields", () => {
  const page = readFileSync(new URL("../../../docs/observer.md", SOURCES), "utf8");

  expect([...page.matchAll(/^\| `([a-z]+\.[a-z]+)` \|/gm)].map(([, type]) => type).sort()).toEqual([...TYPES].sort());
});

test("each event is reported in one place, except the ends of jobs, which are reported by each side that can end them", () => {
  const places = Object.fromEntries(
    TYPES.map((type) => [type, files.filter(({ text }) => text.includes(`type: "${type}"`)).map(({ file }) => file)]),
  );

  const several = Object.entries(places).filter(([, where]) => where.length > 1);
  expect(Object.fromEntries(several)).toEqual({
    "call.refused": ["gateway/observe-refusal.ts", "trpc/observed-calls.ts"],
    "connection.lost": ["queue/redis/connection-watch.ts", "queue/redis/doorbell.ts"],
    "connection.restored": ["queue/redis/connection-watch.ts", "queue/redis/doorbell.ts"],
    "job.ended": [
      "queue/engine.ts",
      "worker/attempt/attempt-story.ts",
      "worker/claiming/claim-loop.ts",
      "worker/maintenance/maintenance.ts",
    ],
  });
});
