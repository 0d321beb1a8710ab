import { z } from "zod";

const Tags = z.array(z.string());

/** The tags of a job as stored, '' where it has none. */
export function storedTags(stored: string): string[] {
  if (stored === "") return [];
  try {
    return Tags.parse(JSON.parse(stored));
  } catch {
    // One record that nobody can read must not take a whole claim or page with it.
    return [];
  }
}
