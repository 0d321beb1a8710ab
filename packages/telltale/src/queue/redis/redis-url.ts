import { TelltaleError } from "../../core/index.js";
import { type OptionRule, ruleOf } from "./option-rules.js";

/** Options of ioredis that came from outside, not yet checked. */
export type GivenOptions = Record<string, unknown>;

/**
 * Returns the ioredis options of a URL, or of the path of a unix socket. ioredis could parse them itself, but options in the query
 * would then take precedence over those that Telltale sets, and numbers would be text. Throws `invalid_config`, with a message that
 * contains no value, because each may be a password.
 */
export function optionsOfUrl(url: string): GivenOptions {
  if (url.startsWith("/") && !url.startsWith("//")) {
    const [path = "", query = ""] = split(url);
    return { ...optionsOfQuery(new URLSearchParams(query)), path };
  }
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (!parsed || (parsed.protocol !== "redis:" && parsed.protocol !== "rediss:"))
    throw invalid(
      "REDIS_URL must have the form redis://host:6379 or rediss://host:6379, or be the path of a unix socket",
    );
  // What looks like a fragment or a query may be the rest of a password, so it is not shown.
  if (parsed.hash !== "") throw invalid("The Redis URL contains a #. In a password, write it as %23");
  if (parsed.search.includes("@"))
    throw invalid("The Redis URL contains a ? before its host. In a password, write it as %3F");
  const db = parsed.pathname.slice(1);
  if (!/^\d*$/.test(db))
    throw invalid("The path of a Redis URL must be the number of a database, as in redis://host:6379/2");
  return {
    ...(parsed.protocol === "rediss:" && { tls: {} }),
    ...optionsOfQuery(parsed.searchParams),
    ...(parsed.username !== "" && { username: decoded(parsed.username) }),
    ...(parsed.password !== "" && { password: decoded(parsed.password) }),
    ...(parsed.hostname !== "" && { host: parsed.hostname.replace(/^\[|\]$/g, "") }),
    ...(parsed.port !== "" && { port: Number(parsed.port) }),
    ...(db !== "" && { db: Number(db) }),
  };
}

function optionsOfQuery(query: URLSearchParams): GivenOptions {
  return Object.fromEntries([...query].map(([name, text]) => [name, optionOf(name, text)]));
}

// An option without a type here is unknown or refused. The check of all options then says so.
function optionOf(name: string, text: string): unknown {
  const rule: OptionRule | undefined = ruleOf(name);
  switch (rule?.use ? rule.inUrl : "text") {
    case "number":
      if (/^\d{1,10}$/.test(text)) return Number(text);
      throw invalid(`The option ${name} in the Redis URL must be a whole number`);
    case "boolean":
      if (text === "true" || text === "false") return text === "true";
      throw invalid(`The option ${name} in the Redis URL must be true or false`);
    case "tls":
      return text === "true" ? {} : text;
    case undefined:
      throw invalid(`The option ${name} does not fit into a Redis URL. Pass ioredis options as an object instead`);
    default:
      return text;
  }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw invalid("The user name or password in the Redis URL contains a % that is not encoded. Write it as %25");
  }
}

function split(path: string): [string, string?] {
  const at = path.indexOf("?");
  return at === -1 ? [path] : [path.slice(0, at), path.slice(at + 1)];
}

function invalid(message: string): TelltaleError {
  return new TelltaleError("invalid_config", message);
}
