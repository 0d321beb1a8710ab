import { expect, test } from "vitest";
import { readEnvironment } from "./environment.js";

const SECRET = "s".repeat(32);

test("with nothing set, a server listens on loopback for anybody there", () => {
  expect(readEnvironment({})).toMatchObject({ HOST: "127.0.0.1", PORT: 3_000, anonymous: true, AUTH_SECRET: [] });
});

test("an empty variable counts as not set", () => {
  expect(readEnvironment({ PORT: "", AUTH_SECRET: "", HOST: "" })).toMatchObject({ HOST: "127.0.0.1", PORT: 3_000 });
});

test("a secret turns anonymous sessions off, unless they are asked for", () => {
  expect(readEnvironment({ AUTH_SECRET: SECRET }).anonymous).toBe(false);
  expect(readEnvironment({ AUTH_SECRET: SECRET, ALLOW_ANONYMOUS: "1" }).anonymous).toBe(true);
});

test("two secrets are taken while they are rotated", () => {
  expect(readEnvironment({ AUTH_SECRET: `${SECRET}, ${SECRET}2` }).AUTH_SECRET).toEqual([SECRET, `${SECRET}2`]);
});

test.each(["0.0.0.0", "::", "192.168.1.5", "example.org", "127.evil.example"])(
  "listening on %s is refused without a word about who may call",
  (HOST) => {
    expect(() => readEnvironment({ HOST })).toThrow(/AUTH_SECRET/);
    expect(readEnvironment({ HOST, AUTH_SECRET: SECRET }).anonymous).toBe(false);
    expect(readEnvironment({ HOST, ALLOW_ANONYMOUS: "1" }).anonymous).toBe(true);
  },
);

test.each([
  ["PORT", "70000"],
  ["PORT", "http"],
  ["AUTH_SECRET", "canary-short"],
  ["ALLOW_ANONYMOUS", "yes-canary"],
  ["LOG_LEVEL", "canary"],
])("%s=%s is refused by its name, without its value", (name, value) => {
  expect(() => readEnvironment({ [name]: value })).toThrow(new RegExp(`^${name}: (?!.*canary)`));
});
