import { z } from "zod";

/** A whole number as scripts answer it: text or number. */
export const Whole = z.coerce.number().int();

/** A text, '' where there is none. */
export const MaybeText = z.string().transform((text) => (text === "" ? null : text));

/** A whole number, '' where there is none. */
export const MaybeWhole = z.union([z.literal("").transform(() => null), Whole]);
