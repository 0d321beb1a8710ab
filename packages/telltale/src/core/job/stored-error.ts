import { z } from "zod";

/** A job's error as stored. `detail` is what really happened and goes to operators only. */
export const StoredError = z.object({
  code: z.string(),
  message: z.string(),
  data: z.unknown().optional(),
  detail: z.string().optional(),
});
/** See the schema. */
export type StoredError = z.infer<typeof StoredError>;
