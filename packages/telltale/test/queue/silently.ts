import { expect } from "vitest";
import type { Script } from "../../src/queue/scripts/script.js";
import type { Harness } from "./harness.js";

/** Runs a script of the queue `resize` without its PUBLISH, as if its messages were lost. */
export async function silently<A>(
  { redis, telltale, clock }: Harness,
  script: Script<A, unknown>,
  input: A,
): Promise<void> {
  const mute = script.source.replace("redis.call('PUBLISH', message[1], message[2])", "");
  expect(mute).not.toBe(script.source);
  const { all: keys } = telltale.$engine.keys("resize");
  await redis.eval(mute, keys.length, ...keys, ...script.args(input, String(clock.now())));
}
