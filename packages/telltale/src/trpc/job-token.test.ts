import { createHmac } from "node:crypto";
import { decodeJwt, SignJWT } from "jose";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { assertSecrets, createJobTokens } from "./job-token.js";

const SECRET = "a secret of thirty-two characters";
const DAY_MS = 24 * 60 * 60 * 1_000;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.UTC(2026, 0, 1) });
});
afterEach(() => {
  vi.useRealTimers();
});

test("a job token expires seven days after it was created, in case it was leaked", async () => {
  const tokens = createJobTokens(async () => [SECRET]);
  const token = await tokens.sign("mail_1");

  vi.setSystemTime(Date.now() + 7 * DAY_MS - 1_000);
  expect(await tokens.permits(token, "mail_1")).toBe(true);
  vi.setSystemTime(Date.now() + 2_000);

  expect(await tokens.permits(token, "mail_1")).toBe(false);
});

test("a job token says which job it is for and when it expires, and nothing else", async () => {
  const token = await createJobTokens(async () => [SECRET]).sign("mail_1");

  expect(decodeJwt(token)).toEqual({ sub: "mail_1", aud: "telltale:job", exp: (Date.now() + 7 * DAY_MS) / 1_000 });
});

test("a token permits nothing on another job, and neither does a malformed one", async () => {
  const tokens = createJobTokens(async () => [SECRET]);
  const token = await tokens.sign("mail_1");

  expect(await tokens.permits(token, "mail_2")).toBe(false);
  expect(await tokens.permits("a.b.c", "mail_1")).toBe(false);
});

test("a token of another purpose or with another algorithm is no job token, even with the same key", async () => {
  const key = createHmac("sha256", SECRET).update("telltale:job").digest();
  const signed = (alg: string, audience: string): Promise<string> =>
    new SignJWT({})
      .setProtectedHeader({ alg })
      .setSubject("mail_1")
      .setAudience(audience)
      .setExpirationTime("1h")
      .sign(key);
  const tokens = createJobTokens(async () => [SECRET]);

  expect(await tokens.permits(await signed("HS256", "telltale:job"), "mail_1")).toBe(true);
  expect(await tokens.permits(await signed("HS256", "telltale:admin"), "mail_1")).toBe(false);
  expect(await tokens.permits(await signed("HS512", "telltale:job"), "mail_1")).toBe(false);
});

test("the first secret signs, and the others are accepted, so that secrets can be rotated without a gap", async () => {
  const rotated = createJobTokens(async () => ["new".repeat(11), SECRET]);
  const old = createJobTokens(async () => [SECRET]);

  expect(await rotated.permits(await old.sign("mail_1"), "mail_1")).toBe(true);
  expect(await old.permits(await rotated.sign("mail_1"), "mail_1")).toBe(false);
});

test("secrets are loaded once, and again after they could not be loaded", async () => {
  let loads = 0;
  const tokens = createJobTokens(async () => {
    loads += 1;
    if (loads === 1) throw new Error("Redis does not answer");
    return [SECRET];
  });

  await expect(tokens.ready()).rejects.toThrow("Redis does not answer");
  await tokens.ready();
  await tokens.permits(await tokens.sign("mail_1"), "mail_1");

  expect(loads).toBe(2);
});

test("without secrets nothing is signed and no token is valid", async () => {
  const token = await createJobTokens(async () => [SECRET]).sign("mail_1");
  const none = createJobTokens(async () => []);

  await expect(none.sign("mail_1")).rejects.toThrow("There is no secret to sign job tokens");
  expect(await none.permits(token, "mail_1")).toBe(false);
});

test("a secret of 32 characters is long enough, and blanks do not count", () => {
  expect(() => assertSecrets(["s".repeat(32)])).not.toThrow();
  for (const secrets of [[], [` ${"s".repeat(31)}`], ["s".repeat(32), ""]])
    expect(() => assertSecrets(secrets)).toThrow(expect.objectContaining({ code: "invalid_config" }));
});
