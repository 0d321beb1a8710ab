import { SignJWT } from "jose";
import { expect, test } from "vitest";
import { createIdentify } from "./identify.js";

const SECRET = "s".repeat(32);
const SESSION = `anon_${"a".repeat(43)}`;

const anonymous = createIdentify({ secrets: [], anonymous: true });
const signed = createIdentify({ secrets: [SECRET], anonymous: false });

function token(claims: Record<string, unknown>, secret = SECRET): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg: "HS256" }).sign(new TextEncoder().encode(secret));
}

test("a session token always identifies the same user, whose id does not contain the token", async () => {
  const [first, again] = [await anonymous(`Bearer ${SESSION}`), await anonymous(`Bearer ${SESSION}`)];

  expect(first).toEqual(again);
  expect(first.subject?.id).not.toContain("a".repeat(10));
  expect(first.subject?.operator).toBeFalsy();
});

test("without a header, each call is a new anonymous user, or no user if anonymous sessions are off", async () => {
  expect((await anonymous(undefined)).subject?.id).not.toBe((await anonymous(undefined)).subject?.id);
  expect((await anonymous(undefined)).subject?.isTransient).toBe(true);
  expect((await anonymous(`Bearer ${SESSION}`)).subject?.isTransient).toBeUndefined();
  expect((await signed(undefined)).subject).toBeNull();
});

test("a session token is not accepted if anonymous sessions are off", async () => {
  expect((await signed(`Bearer ${SESSION}`)).subject).toBeNull();
});

test("a signed token identifies its subject, who is an operator if its role says so", async () => {
  expect(await signed(`Bearer ${await token({ sub: "ann" })}`)).toMatchObject({
    subject: { id: "ann", operator: false },
  });
  expect(await signed(`Bearer ${await token({ sub: "ann", role: "operator" })}`)).toMatchObject({
    subject: { operator: true },
  });
});

test("a user is known until the token expires", async () => {
  const { subject } = await signed(`Bearer ${await token({ sub: "ann", exp: 4_000_000_000 })}`);

  expect(subject?.expiresAt).toEqual(new Date(4_000_000_000_000));
});

test("during a rotation, tokens signed with either secret are accepted", async () => {
  const both = createIdentify({ secrets: ["n".repeat(32), SECRET], anonymous: false });

  expect((await both(`Bearer ${await token({ sub: "ann" })}`)).subject?.id).toBe("ann");
});

test.each([
  ["signed with another secret", () => token({ sub: "ann" }, "x".repeat(32))],
  ["that has expired", () => token({ sub: "ann", exp: 1 })],
  ["for another service", () => token({ sub: "ann", aud: "elsewhere" })],
  ["without a subject", () => token({ role: "operator" })],
  ["that claims to be a session", () => token({ sub: "anon:x" })],
  ["without a signature", async () => "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbm4ifQ."],
  ["that is not a JWT", async () => "nonsense"],
])("a token %s is not accepted", async (_what, made) => {
  expect((await signed(`Bearer ${await made()}`)).subject).toBeNull();
});

test.each(["Basic YTpi", "Bearer", "Bearer a b", `Bearer ${"x".repeat(5_000)}`, "Bearer \u0000"])(
  "a header without a valid bearer token (%s) identifies no user",
  async (header) => {
    expect(await anonymous(header)).toEqual({ subject: null, jobToken: undefined });
  },
);

test("a job token is passed on as a job token and identifies no user", async () => {
  const jobToken = await token({ sub: "judge_1", aud: "telltale:job" });

  expect(await signed(`Bearer ${jobToken}`)).toEqual({ subject: null, jobToken });
});
