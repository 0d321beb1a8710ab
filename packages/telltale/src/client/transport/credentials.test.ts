import { expect, onTestFinished, test, vi } from "vitest";
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

test("connections are told that the user has changed, and not by an answer that came late", async () => {
  const answers = new Map<number, (token: string) => void>();
  const credentials = new Credentials(() => new Promise((resolve) => answers.set(answers.size, resolve)));
  const told: string[] = [];
  credentials.follow("Bearer ann", () => told.push("ann"));
  const unfollow = credentials.follow("Bearer ann", () => told.push("closed"));
  unfollow();

  const calls = [credentials.authorization(), credentials.authorization(), credentials.authorization()];
  answers.get(0)?.("ann");
  await calls[0];
  expect(told).toEqual([]);
  answers.get(2)?.("bob");
  await calls[2];
  answers.get(1)?.("ann");
  await Promise.all(calls);

  credentials.follow("Bearer bob", () => told.push("bob"));
  expect(told).toEqual(["ann"]);
  credentials.follow("Bearer ann", () => told.push("opened late"));
  expect(told).toEqual(["ann", "opened late"]);
});

test("a connection gets the newest user, also if its own question is answered last", async () => {
  const answers = new Map<number, (token: string) => void>();
  const credentials = new Credentials(() => new Promise((resolve) => answers.set(answers.size, resolve)));

  const connection = credentials.forConnection(NOW);
  const call = credentials.authorization();
  answers.get(1)?.("bob");
  await call;
  answers.get(0)?.("ann");

  await expect(connection).resolves.toBe("Bearer bob");
});

/** Waits that end at once, after which the clock shows that they have passed. */
function clocked() {
  vi.useFakeTimers({ toFake: ["performance"] });
  onTestFinished(() => void vi.useRealTimers());
  return { ...NOW, wait: async (ms: number): Promise<void> => void vi.advanceTimersByTime(ms) };
}

test("an auth function that keeps failing is asked ever more rarely, and given up after 45 seconds", async () => {
  const retries = clocked();
  const startedAt = performance.now();
  const cause = new Error("no login");
  let tries = 0;
  const credentials = new Credentials(() => {
    tries++;
    throw cause;
  });

  await expect(credentials.forConnection(retries)).rejects.toMatchObject({ code: "unauthorized", cause });

  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(45_000);
  expect(performance.now() - startedAt).toBeLessThanOrEqual(55_000);
  expect(tries).toBeLessThan(20);
});

test("an auth function that fails for half a minute interrupts nothing, and the next outage is counted from its start", async () => {
  const retries = clocked();
  let failsUntil = performance.now() + 30_000;
  const credentials = new Credentials(() => {
    if (performance.now() < failsUntil) throw new Error("login has an outage");
    return "ann";
  });
  await expect(credentials.forConnection(retries)).resolves.toBe("Bearer ann");

  failsUntil = performance.now() + 30_000;

  await expect(credentials.forConnection(retries)).resolves.toBe("Bearer ann");
});

test("an auth function that fails before and after a long sleep is not given up for the time in between", async () => {
  const retries = clocked();
  let tries = 0;
  const credentials = new Credentials(() => {
    if (++tries < 4) throw new Error("login has an outage");
    return "ann";
  });

  const wait = async (): Promise<void> => void vi.advanceTimersByTime(3_600_000);

  await expect(credentials.forConnection({ ...retries, wait })).resolves.toBe("Bearer ann");
});

test("connections that are given up before the time is over are counted together", async () => {
  const retries = clocked();
  const credentials = new Credentials(() => {
    throw new Error("no login");
  });
  let isOver = false;
  const wait = async (ms: number): Promise<void> => {
    isOver = true;
    await retries.wait(ms);
  };
  const startedAt = performance.now();
  for (let n = 0; n < 400; n++) {
    isOver = false;
    await expect(credentials.forConnection({ wait, isOver: () => isOver })).rejects.toThrow();
  }

  await expect(
    credentials.forConnection({ wait: () => Promise.reject(new Error("waits")), isOver: () => false }),
  ).rejects.toMatchObject({ code: "unauthorized" });

  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(45_000);
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
