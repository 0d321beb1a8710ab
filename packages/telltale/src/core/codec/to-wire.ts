/** superjson's type annotations: `[type]`, `[type, parts]` or only parts, which are keyed by paths. */
type Annotations = readonly [type: string, parts?: Parts] | Parts;
type Parts = { readonly [path: string]: Annotations };

/** A value in superjson's wire format, version 1. */
export interface Wire {
  readonly json: unknown;
  readonly meta?: { readonly values: Annotations; readonly v: 1 };
}

/**
 * Converts a value that `assertEncodable` accepts to superjson's wire format. The result is the same as superjson's, except
 * that it does not record which parts are the same object. superjson itself would be a fifth of the client's bundle.
 */
export function toWire(value: unknown): Wire {
  const { json, annotations } = converted(value);
  return annotations === undefined ? { json } : { json, meta: { values: annotations, v: 1 } };
}

interface Converted {
  readonly json: unknown;
  readonly annotations?: Annotations | undefined;
}

function converted(value: unknown): Converted {
  switch (typeof value) {
    case "undefined":
      return { json: null, annotations: ["undefined"] };
    case "bigint":
      return { json: String(value), annotations: ["bigint"] };
    case "number":
      if (Number.isFinite(value) && !Object.is(value, -0)) return { json: value };
      return { json: Object.is(value, -0) ? "-0" : String(value), annotations: ["number"] };
    case "object":
      if (value === null) return { json: null };
      if (value instanceof Date) return { json: value.toISOString(), annotations: ["Date"] };
      if (value instanceof Map) return list([...value], "map");
      if (value instanceof Set) return list([...value], "set");
      return Array.isArray(value) ? list(value) : record(value);
    default:
      return { json: value };
  }
}

function list(items: readonly unknown[], type?: string): Converted {
  const json: unknown[] = [];
  const parts: Record<string, Annotations> = {};
  for (const [i, item] of items.entries()) {
    const part = converted(item);
    json.push(part.json);
    annotate(parts, String(i), part.annotations);
  }
  return { json, annotations: annotationsOf(parts, type) };
}

function record(value: object): Converted {
  const json: Record<string, unknown> = {};
  const parts: Record<string, Annotations> = {};
  for (const [key, item] of Object.entries(value)) {
    const part = converted(item);
    json[key] = part.json;
    annotate(parts, key.replace(/[\\.]/g, "\\$&"), part.annotations);
  }
  return { json, annotations: annotationsOf(parts) };
}

function annotate(parts: Record<string, Annotations>, path: string, annotations: Annotations | undefined): void {
  if (annotations === undefined) return;
  if (isTyped(annotations)) parts[path] = annotations;
  else for (const [below, part] of Object.entries(annotations)) parts[`${path}.${below}`] = part;
}

function annotationsOf(parts: Parts, type?: string): Annotations | undefined {
  const isEmpty = Object.keys(parts).length === 0;
  if (type === undefined) return isEmpty ? undefined : parts;
  return isEmpty ? [type] : [type, parts];
}

function isTyped(annotations: Annotations): annotations is readonly [string, Parts?] {
  return Array.isArray(annotations);
}
