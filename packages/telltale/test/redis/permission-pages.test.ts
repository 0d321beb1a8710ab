import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { minimalRules } from "../../src/queue/redis/permissions.js";

const ROOT = new URL("../../../../", import.meta.url);
const USERS = {
  server: minimalRules(["jobs", "limits", "secret"], "telltale").join(" "),
  worker: minimalRules(["jobs", "worker"], "telltale").join(" "),
};

// `TELLTALE_WRITE_PAGE=1 npm test -- packages/telltale/test/redis/permission-pages.test.ts` writes the rules.
test.each(["docs/redis.md", "compose.prod.yml"])(
  "%s gives servers and workers only the permissions that they need",
  (page) => {
    const file = new URL(page, ROOT);
    const text = readFileSync(file, "utf8");
    const expected = text.replace(
      /^( *user (server|worker) on >\S+) .*$/gm,
      (_, start: string, user: keyof typeof USERS) => `${start} ${USERS[user]}`,
    );
    if (process.env.TELLTALE_WRITE_PAGE !== undefined) writeFileSync(file, expected);

    expect(readFileSync(file, "utf8")).toBe(expected);
    for (const rules of Object.values(USERS)) expect(expected).toContain(rules);
  },
);
