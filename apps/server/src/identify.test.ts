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

test("a session is the same somebody each time, and its secret is not their name", async () => {
  const [first, again] = [await anonymous(`Bearer ${SESSION}`), await anonymous(`Bearer ${SESSION}`)];

  expect(first).toEqual(again);
  expect(first.subject?.id).not.toContain("a".repeat(10));
  expect(first.subject?.operator).toBeFalsy();
});

test("without a header everybody is somebody new, where anonymous callers are welcome", async () => {
  expect((await anonymous(undefined)).subject?.id).not.toBe((await anonymous(undefined)).subject?.id);
  expect((await signed(undefined)).subject).toBeNull();
});

test("a session is nobody where only signed tokens count", async () => {
  expect((await signed(`Bearer ${SESSION}`)).subject).toBeNull();
});

test("a signed token names its subject, and an operator by its role", async () => {
  expect(await signed(`Bearer ${await token({ sub: "ann" })}`)).toMatchObject({
    subject: { id: "ann", operator: false },
  });
  expect(await signed(`Bearer ${await token({ sub: "ann", role: "operator" })}`)).toMatchObject({
    subject: { operator: true },
  });
});

test("while a secret is rotated, tokens under either are taken", async () => {
  const both = createIdentify({ secrets: ["n".repeat(32), SECRET], anonymous: false });

  expect((await both(`Bearer ${await token({ sub: "ann" })}`)).subject?.id).toBe("ann");
});

test.each([
  ["under another secret", () => token({ sub: "ann" }, "x".repeat(32))],
  ["that expired", () => token({ sub: "ann", exp: 1 })],
  ["for another service", () => token({ sub: "ann", aud: "elsewhere" })],
  ["without a subject", () => token({ role: "operator" })],
  ["that claims to be a session", () => token({ sub: "anon:x" })],
  ["without a signature", async () => "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbm4ifQ."],
  ["that is none", async () => "nonsense"],
])("a token %s is nobody", async (_what, made) => {
  expect((await signed(`Bearer ${await made()}`)).subject).toBeNull();
});

test.each(["Basic YTpi", "Bearer", "Bearer a b", `Bearer ${"x".repeat(5_000)}`, "Bearer \u0000"])(
  "a header that is no bearer token (%s) is nobody",
  async (header) => {
    expect(await anonymous(header)).toEqual({ subject: null, jobToken: undefined });
  },
);

test("a job token is handed on as such, and is nobody's identity", async () => {
  const jobToken = await token({ sub: "judge_1", aud: "telltale:job" });

  expect(await signed(`Bearer ${jobToken}`)).toEqual({ subject: null, jobToken });
});
