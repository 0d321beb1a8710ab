import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { root } from "./bin.mjs";

/**
 * Reads the services of a compose file and substitutes variables like compose: `${NAME…}` from `env`, and `$$` with one
 * dollar. Throws if a required variable is not set.
 *
 * @param {string} file
 * @param {Readonly<Record<string, string>>} [env]
 * @returns {Record<string, any>}
 */
export function readServices(file, env = {}) {
  const { services } = parse(readFileSync(join(root, file), "utf8"), { merge: true });
  return substituted(services, env);
}

function substituted(value, env) {
  if (typeof value === "string") return substitutedText(value, env);
  if (Array.isArray(value)) return value.map((one) => substituted(one, env));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, substituted(one, env)]));
}

function substitutedText(text, env) {
  return text.replace(/\$\$|\$\{(\w+)(?:(:[-?])([^}]*))?\}/g, (found, name, operator, rest) => {
    if (found === "$$") return "$";
    if (env[name]) return env[name];
    if (operator === ":?") throw new Error(`${name} ${rest}`);
    return operator === ":-" ? rest : "";
  });
}
