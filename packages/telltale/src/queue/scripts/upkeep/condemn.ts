import { z } from "zod";
import { JOB_ERRORS, LIMITS } from "../../../core/index.js";
import { encode } from "../../../core/internal.js";
import type { StoredError } from "../../../core/schemas.js";
import { defineScript } from "../script.js";

const CORRUPT = encode({ code: "corrupt", message: JOB_ERRORS.corrupt } satisfies StoredError);

/** Fails jobs whose record cannot be read, and sets aside those whose status cannot be read either. */
export const condemn = defineScript("condemn", {
  args: ({ limit, rememberMs, asideMs }: { limit: number; rememberMs: number; asideMs: number }, clock) => [
    ...[clock, limit, CORRUPT, rememberMs, LIMITS.aside, asideMs],
  ],
  reply: z
    .tuple([z.literal("condemned"), z.number(), z.number(), z.number(), z.array(z.string())])
    .transform(([, failed, setAside, more, ended]) => ({ failed, setAside, more: more === 1, ended })),
});
