import { LIMITS } from "../contract/limits.js";
import { TelltaleError } from "../errors/error.js";
import { MAX_PARTS } from "./bounded.js";

const MAX_BIGINT = 10n ** 64n;
/** superjson refuses these keys, because they can pollute prototypes. */
const FORBIDDEN_KEYS = new Set(["__proto__", "constructor", "prototype"]);
const MAX_PATH = 100;
const REMEDY = "Convert it to a plain object, a list, a Map, a Set, a Date or a primitive";

/** A container that holds a part of the value, linked to the container that holds it. */
interface Container {
  readonly value: object;
  readonly key: string | number;
  readonly parent: Container | null;
}

/**
 * Throws `invalid_input` for a value that would not be equal after it is stored and read, and names the part that causes this.
 *
 * These values can be stored: null, undefined, booleans, strings, numbers, bigints of up to 64 digits, valid Dates, and Arrays,
 * Maps, Sets and plain objects of these. Other values cannot, for example instances of classes, functions, boxed primitives,
 * lists with holes or extra properties, and cycles. The limits for depth and size are those of `assertBounded`. Does not
 * recurse.
 */
export function assertEncodable(value: unknown): void {
  let parts = 0;
  let level: Container[] = [];
  let below: Container[] = [];
  const visit = (part: unknown, key: string | number, parent: Container | null): void => {
    if (++parts > MAX_PARTS)
      throw new TelltaleError("invalid_input", `The value has more than ${MAX_PARTS} items, properties and keys`);
    const isContainer = typeof part === "object" && part !== null && !(part instanceof Date);
    if (isContainer) below.push({ value: part, key, parent });
    else assertLeaf(part, { key, parent });
  };

  visit(value, "", null);
  for (let depth = 1; below.length > 0; depth++) {
    if (depth > LIMITS.depth) {
      throw new TelltaleError(
        "invalid_input",
        `The value is nested deeper than ${LIMITS.depth} levels, or contains itself`,
      );
    }
    [level, below] = [below, []];
    for (const container of level) visitParts(container, visit);
  }
}

type Visit = (part: unknown, key: string | number, parent: Container) => void;

function visitParts(container: Container, visit: Visit): void {
  const { value } = container;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Array.prototype && Array.isArray(value)) {
    if (value.length > MAX_PARTS) throw new TelltaleError("invalid_input", `A list has more than ${MAX_PARTS} items`);
    if (Object.keys(value).length !== value.length) throw refused("a list with holes or properties", container);
    assertNoSymbols(container);
    for (let i = 0; i < value.length; i++) visit(value[i], i, container);
  } else if (prototype === Map.prototype && value instanceof Map) {
    assertNoProperties("Map", container);
    let row = 0;
    for (const [key, entry] of value) {
      visit(key, row, container);
      visit(entry, row, container);
      row++;
    }
  } else if (prototype === Set.prototype && value instanceof Set) {
    assertNoProperties("Set", container);
    let row = 0;
    for (const item of value) visit(item, row++, container);
  } else if (isPlainPrototype(prototype) && tagOf(value) === "[object Object]") {
    assertNoSymbols(container);
    for (const key of Object.keys(value)) {
      if (FORBIDDEN_KEYS.has(key)) throw refused(`an object with a property named ${key}`, container);
      visit(Reflect.get(value, key), key, container);
    }
  } else {
    throw refused(classOf(value, prototype), container);
  }
}

function assertLeaf(part: unknown, at: Pick<Container, "key" | "parent">): void {
  switch (typeof part) {
    case "function":
    case "symbol":
      throw refused(`a ${typeof part}`, at);
    case "bigint":
      if (part >= MAX_BIGINT || part <= -MAX_BIGINT) throw refused("a bigint of more than 64 digits", at);
      return;
    case "object":
      if (part === null) return;
      if (Object.getPrototypeOf(part) !== Date.prototype || !(part instanceof Date))
        throw refused("a subclass of Date", at);
      if (Number.isNaN(part.getTime())) throw refused("an invalid Date", at);
  }
}

/**
 * Also accepts objects of another realm (an iframe, `node:vm`) and objects without a prototype. They are read as ordinary
 * objects.
 */
function isPlainPrototype(prototype: unknown): boolean {
  if (prototype === Object.prototype || prototype === null) return true;
  return (
    typeof prototype === "object" &&
    Object.getPrototypeOf(prototype) === null &&
    Object.hasOwn(prototype, "propertyIsEnumerable")
  );
}

function assertNoProperties(name: string, container: Container): void {
  if (Object.keys(container.value).length > 0) throw refused(`a ${name} with properties`, container);
}

function assertNoSymbols(container: Container): void {
  for (const symbol of Object.getOwnPropertySymbols(container.value)) {
    if (Object.prototype.propertyIsEnumerable.call(container.value, symbol)) {
      throw refused("an object with a symbol as a key", container);
    }
  }
}

function tagOf(value: object): string {
  return Object.prototype.toString.call(value);
}

function classOf(value: object, prototype: unknown): string {
  const madeBy: unknown = typeof prototype === "object" && prototype !== null && Reflect.get(prototype, "constructor");
  const name = typeof madeBy === "function" ? madeBy.name : tagOf(value).slice("[object ".length, -1);
  return `an instance of ${name.slice(0, 64) || "a class"}`;
}

function refused(what: string, at: Pick<Container, "key" | "parent">): TelltaleError {
  const path = pathOf(at);
  const part = path === "" ? "The value" : `The value at ${path.slice(0, MAX_PATH)}`;
  return new TelltaleError("invalid_input", `${part} is ${what}, which cannot be stored. ${REMEDY}`);
}

function pathOf({ key, parent }: Pick<Container, "key" | "parent">): string {
  const keys: (string | number)[] = [];
  let at: Pick<Container, "key" | "parent"> | null = { key, parent };
  while (at?.parent) {
    keys.unshift(at.key);
    at = at.parent;
  }
  return keys.join(".");
}
