import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const SOURCES = "packages/telltale/src";

test("log lines are fixed text in lower case, and variable parts are in fields", () => {
  const messages = readdirSync(SOURCES, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts") && !file.includes(".generated."))
    .flatMap((file) => messagesOf(readFileSync(`${SOURCES}/${file}`, "utf8")));

  expect(messages.length).toBeGreaterThan(30);
  expect(messages.filter((message) => !/^"[a-z]/.test(message))).toEqual([]);
});

/** Returns the messages of calls such as `logger.warn({ … }, "…")`. */
function messagesOf(source: string): string[] {
  const calls = source.matchAll(
    /\b(?:logger|[tT]rouble|failing|waiting)\.(?:debug|info|warn|error)\(\s*(?:\{[\s\S]*?\}|\w+),\s*(["`][^"`]*["`])/g,
  );
  return [...calls].map(([, message = ""]) => message);
}
