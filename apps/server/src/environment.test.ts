import { expect, test } from "vitest";
import { readEnvironment } from "./environment.js";

const SECRET = "s".repeat(32);

test("without settings, a server listens on loopback and accepts anonymous callers", () => {
  expect(readEnvironment({})).toMatchObject({ HOST: "127.0.0.1", PORT: 3_000, anonymous: true, AUTH_SECRET: [] });
});

test("an empty variable counts as not set", () => {
  expect(readEnvironment({ PORT: "", HOST: "" })).toMatchObject({ HOST: "127.0.0.1", PORT: 3_000 });
});

test.each(["", " ", ",", " , ,"])("an AUTH_SECRET without a secret (%j) does not let anyone in", (AUTH_SECRET) => {
  expect(() => readEnvironment({ AUTH_SECRET })).toThrow(/^AUTH_SECRET: is set but has no secret/);
  expect(() => readEnvironment({ AUTH_SECRET, HOST: "0.0.0.0", ALLOW_ANONYMOUS: "1" })).toThrow(/^AUTH_SECRET: /);
});

test("AUTH_SECRET turns anonymous sessions off, unless ALLOW_ANONYMOUS is set", () => {
  expect(readEnvironment({ AUTH_SECRET: SECRET }).anonymous).toBe(false);
  expect(readEnvironment({ AUTH_SECRET: SECRET, ALLOW_ANONYMOUS: "1" }).anonymous).toBe(true);
});

test("AUTH_SECRET accepts two secrets during a rotation", () => {
  expect(readEnvironment({ AUTH_SECRET: `${SECRET}, ${SECRET}2` }).AUTH_SECRET).toEqual([SECRET, `${SECRET}2`]);
});

test.each(["0.0.0.0", "::", "192.168.1.5", "example.org", "127.evil.example"])(
  "listening on %s is refused unless AUTH_SECRET or ALLOW_ANONYMOUS is set",
  (HOST) => {
    expect(() => readEnvironment({ HOST })).toThrow(/AUTH_SECRET/);
    expect(readEnvironment({ HOST, AUTH_SECRET: SECRET }).anonymous).toBe(false);
    expect(readEnvironment({ HOST, ALLOW_ANONYMOUS: "1" }).anonymous).toBe(true);
  },
);

test.each([
  ["PORT", "70000"],
  ["PORT", "http"],
  ["TRUST_PROXY", "canary"],
  ["TRUST_PROXY", "-1"],
  ["AUTH_SECRET", "canary-short"],
  ["ALLOW_ANONYMOUS", "yes-canary"],
  ["LOG_LEVEL", "canary"],
])("%s=%s is refused with an error that names the variable but not its value", (name, value) => {
  expect(() => readEnvironment({ [name]: value })).toThrow(new RegExp(`^${name}: (?!.*canary)`));
});
