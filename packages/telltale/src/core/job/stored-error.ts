import { z } from "zod";

/** A job's error as it is stored. `detail` is the handler's own message and stack, for operators only. */
export const StoredError = z.object({
  code: z.string(),
  message: z.string(),
  data: z.unknown().optional(),
  detail: z.string().optional(),
});
/** See the schema. */
export type StoredError = z.infer<typeof StoredError>;
