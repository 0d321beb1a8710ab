import { expect, test } from "vitest";
import { Credentials, isSameUser } from "./credentials.js";

function jwt(claims: object): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `Bearer ${part({ alg: "HS256" })}.${part(claims)}.signature`;
}

const NOW = { wait: () => Promise.resolve(), isOver: () => false };

test("a new token of the same user is not another user", () => {
  expect(isSameUser("Bearer a", "Bearer a")).toBe(true);
  expect(isSameUser(jwt({ sub: "ann", exp: 1 }), jwt({ sub: "ann", exp: 2 }))).toBe(true);
  expect(isSameUser(jwt({ sub: "añn??>", exp: 1 }), jwt({ sub: "añn??>", exp: 2 }))).toBe(true);
});

test.each([
  ["opaque tokens", "Bearer a", "Bearer b"],
  ["subjects", jwt({ sub: "ann" }), jwt({ sub: "bob" })],
  ["issuers", jwt({ sub: "ann", iss: "a" }), jwt({ sub: "ann", iss: "b" })],
  ["JWTs without a subject", jwt({ exp: 1 }), jwt({ exp: 2 })],
  ["tokens that only look like JWTs", "Bearer a.b.c", "Bearer a.b.d"],
])("different %s are different users", (_, one, other) => {
  expect(isSameUser(one, other)).toBe(false);
});

test("connections are told once that the user has changed, and not by an answer that came late", async () => {
  const answers = new Map<number, (token: string) => void>();
  const credentials = new Credentials(() => new Promise((resolve) => answers.set(answers.size, resolve)));
  const told: string[] = [];
  credentials.onChange((authorization) => told.push(authorization));

  const calls = [credentials.authorization(), credentials.authorization(), credentials.authorization()];
  answers.get(0)?.("ann");
  await calls[0];
  answers.get(2)?.("bob");
  await calls[2];
  answers.get(1)?.("ann");
  await Promise.all(calls);

  expect(told).toEqual(["Bearer bob"]);
});

test("an auth function that keeps failing is given up after five tries", async () => {
  const pauses: number[] = [];
  const cause = new Error("no login");
  const credentials = new Credentials(() => {
    throw cause;
  });
  const wait = async (ms: number): Promise<void> => void pauses.push(ms);

  await expect(credentials.forConnection({ ...NOW, wait })).rejects.toMatchObject({ code: "unauthorized", cause });

  expect(pauses).toHaveLength(4);
});

test.each([
  new TypeError("Failed to fetch"),
  new TypeError("Network request failed"),
  new Error("Firebase: Error (auth/network-request-failed)."),
  new Error("The Internet connection appears to be offline."),
])(
  "an auth function that cannot reach its server (%s) is asked again for as long as the network is away",
  async (error) => {
    let tries = 0;
    const credentials = new Credentials(() => {
      if (++tries < 50) throw error;
      return "ann";
    });

    await expect(credentials.forConnection(NOW)).resolves.toBe("Bearer ann");
  },
);

test("nobody asks for credentials once the connection is not needed", async () => {
  let tries = 0;
  const credentials = new Credentials(() => {
    tries++;
    throw new TypeError("Failed to fetch");
  });

  await expect(credentials.forConnection({ ...NOW, isOver: () => tries === 3 })).rejects.toMatchObject({
    code: "unauthorized",
  });

  expect(tries).toBe(3);
});
