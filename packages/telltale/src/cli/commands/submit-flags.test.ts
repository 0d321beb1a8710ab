import { Command } from "@commander-js/extra-typings";
import { expect, test } from "vitest";
import { readSubmitFlags, submitFlags } from "./submit-flags.js";

function read(...args: string[]): unknown {
  const command = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  for (const flag of submitFlags()) command.addOption(flag);
  command.parse(args, { from: "user" });
  return readSubmitFlags(command.opts());
}

test("each flag is read as its option", () => {
  const keys = ["--key", "k", "--unique", "u"];
  const times = ["--delay", "1.5s", "--start-within", "10m"];

  const options = read(...keys, ...times, "--priority", "low", "--tag", "a", "--tag", "b");

  expect(options).toEqual({
    idempotencyKey: "k",
    uniqueKey: "u",
    delay: 1_500,
    startWithin: 600_000,
    priority: "low",
    tags: ["a", "b"],
  });
});

test("options without a flag are not set, and invalid values are refused", () => {
  expect(read()).toEqual({});
  expect(() => read("--priority", "soon")).toThrow(/Allowed choices are urgent, high, normal, low/);
  expect(() => read("--delay", "soon")).toThrow(/Use a duration/);
});
