/** A user of the app. */
export interface User {
  readonly id: string;
  readonly role: "member" | "admin";
}

// For this example only. In your app, users come from a session or a JWT, and the code contains no tokens.
const BY_TOKEN = new Map<string, User>([
  ["demo-token-of-ann", { id: "ann", role: "member" }],
  ["demo-token-of-bob", { id: "bob", role: "member" }],
  ["demo-token-of-eve", { id: "eve", role: "admin" }],
]);

/** Returns the user with this `Authorization` header, or null. */
export function userOf(authorization: string | undefined): User | null {
  const [, token = ""] = /^Bearer (\S+)$/.exec(authorization ?? "") ?? [];
  return BY_TOKEN.get(token) ?? null;
}
