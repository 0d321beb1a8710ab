import { z } from "zod";

/** The data that `telltaleErrorFormatter` adds to a tRPC error as `error.data.telltale`. */
export const TelltaleErrorData = z.object({ code: z.string(), data: z.unknown().optional() });
/** See the schema. */
export type TelltaleErrorData = z.infer<typeof TelltaleErrorData>;
