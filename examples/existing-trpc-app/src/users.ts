/** Somebody who may use the app. */
export interface User {
  readonly id: string;
  readonly role: "member" | "admin";
}

// For a demonstration only: yours come from a session or a JWT, and no token stands in the code.
const BY_TOKEN = new Map<string, User>([
  ["demo-token-of-ann", { id: "ann", role: "member" }],
  ["demo-token-of-bob", { id: "bob", role: "member" }],
  ["demo-token-of-eve", { id: "eve", role: "admin" }],
]);

/** Who shows this `Authorization` header; null for nobody. */
export function userOf(authorization: string | undefined): User | null {
  const [, token = ""] = /^Bearer (\S+)$/.exec(authorization ?? "") ?? [];
  return BY_TOKEN.get(token) ?? null;
}
