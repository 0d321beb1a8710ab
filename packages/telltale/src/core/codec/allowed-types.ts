import { TelltaleError } from "../errors/error.js";

// What a zod schema of a contract can ask for and JSON has no word for. `number` is NaN, ±Infinity and -0.
const ALLOWED = new Set(["undefined", "bigint", "Date", "number", "map", "set"]);
const MAX_ANNOTATIONS = 10_000;
const BIGINT = /^-?\d{1,64}$/;
// superjson walks a Map or Set from its start for every path that leads into it.
const MAX_STEPS = 50_000_000;

/**
 * Throws `invalid_input` when superjson's `meta` asks for a type beyond Date, Map, Set, bigint and undefined, for a
 * bigint of more than 64 digits (parsing is quadratic), or for more annotations than a contract can need. `longest` is
 * the length of the longest list in the payload.
 */
export function assertAllowedTypes(wire: unknown, longest: number): void {
  if (!isRecord(wire)) throw refused("The payload is not superjson");
  const { meta } = wire;
  if (meta === undefined) return;
  if (!isRecord(meta)) throw refused("The payload's meta is not an object");
  const budget = { left: MAX_ANNOTATIONS, hasCollections: false };
  if (meta.values !== undefined) checkNode(meta.values, wire.json, budget);
  if (meta.referentialEqualities !== undefined) checkEqualities(meta.referentialEqualities, budget);
  if (budget.hasCollections && (MAX_ANNOTATIONS - budget.left) * longest > MAX_STEPS) {
    throw refused("The payload has too many paths into a Map or Set");
  }
}

interface Budget {
  left: number;
  hasCollections: boolean;
}

// A tree of annotations: `[type]`, `[type, children]`, or children alone, keyed by dotted paths into the JSON.
function checkNode(node: unknown, json: unknown, budget: Budget): void {
  if (--budget.left < 0) throw refused("The payload has too many type annotations");
  if (Array.isArray(node)) {
    const [type, children] = node;
    if (typeof type !== "string" || !ALLOWED.has(type))
      throw refused("The payload asks for a type that is not allowed");
    if (type === "bigint" && !BIGINT.test(String(json))) throw refused("A bigint is not 1 to 64 digits");
    if (type === "map" || type === "set") {
      if (!Array.isArray(json)) throw refused("A Map or Set is not a list");
      budget.hasCollections = true;
    }
    if (children !== undefined) checkChildren(children, json, budget);
    return;
  }
  checkChildren(node, json, budget);
}

function checkChildren(children: unknown, json: unknown, budget: Budget): void {
  if (!isRecord(children)) throw refused("The payload's annotations are malformed");
  for (const [path, child] of Object.entries(children)) checkNode(child, at(json, path), budget);
}

function checkEqualities(equalities: unknown, budget: Budget): void {
  let level: unknown[] = [equalities];
  while (level.length > 0) {
    budget.left -= level.length;
    if (budget.left < 0) throw refused("The payload has too many references");
    level = level.flatMap((node) => (typeof node === "object" && node !== null ? Object.values(node) : []));
  }
}

// superjson escapes a dot in a key as `\.` (and, since v1 of its paths, a backslash as `\\`).
function at(json: unknown, path: string): unknown {
  const segments = path.match(/(?:\\.|[^.\\])+/g) ?? [];
  let value = json;
  for (const segment of segments) {
    if (typeof value !== "object" || value === null) return undefined;
    value = Object.getOwnPropertyDescriptor(value, segment.replace(/\\(.)/g, "$1"))?.value;
  }
  return value;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function refused(message: string): TelltaleError {
  return new TelltaleError("invalid_input", message);
}
