import { GATEWAY_LIMITS } from "telltale/gateway";
import { expect, test } from "vitest";
import { textOf } from "./pages.js";

const page = textOf("docs/security.md");

test.each(Object.entries(GATEWAY_LIMITS))("the page says that %s is %d", (name, value) => {
  const [, told] = new RegExp(`^\\| \`${name}\` \\| ([^|]+) \\|`, "m").exec(page) ?? [];

  expect(told).toBe(written(name, value));
});

test("the page names no limit that does not exist", () => {
  const [, table = ""] = /### Connections, calls and bytes(.*?)###/s.exec(page) ?? [];
  const names = [...table.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name);

  expect(names.sort()).toEqual(Object.keys(GATEWAY_LIMITS).sort());
});

function written(name: string, value: number): string {
  if (name.endsWith("Ms")) return `${value / 1_000} s`;
  if (!name.endsWith("Bytes")) return value.toLocaleString("en-US");
  return value >= 1024 * 1024 ? `${value / 1024 / 1024} MB` : `${value / 1024} KB`;
}
