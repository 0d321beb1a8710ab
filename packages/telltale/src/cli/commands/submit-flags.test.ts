import { Command } from "@commander-js/extra-typings";
import { expect, test } from "vitest";
import { readSubmitFlags, submitFlags } from "./submit-flags.js";

function read(...args: string[]): unknown {
  const command = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  for (const flag of submitFlags()) command.addOption(flag);
  command.parse(args, { from: "user" });
  return readSubmitFlags(command.opts());
}

test("every flag is read as the option it is for", () => {
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

test("what was not said is not set, and what cannot be meant is refused", () => {
  expect(read()).toEqual({});
  expect(() => read("--priority", "soon")).toThrow(/Allowed choices are urgent, high, normal, low/);
  expect(() => read("--delay", "soon")).toThrow(/Use a duration/);
});
