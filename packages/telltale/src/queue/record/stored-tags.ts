import { z } from "zod";

const Tags = z.array(z.string());

/** Parses the stored tags of a job. `stored` is '' if it has none. */
export function storedTags(stored: string): string[] {
  if (stored === "") return [];
  try {
    return Tags.parse(JSON.parse(stored));
  } catch {
    // One malformed record must not make a whole claim or page fail.
    return [];
  }
}
