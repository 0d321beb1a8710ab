import { z } from "zod";

/** A whole number in a reply, as text or number. */
export const Whole = z.coerce.number().int();

/** A text, or '' if there is none. */
export const MaybeText = z.string().transform((text) => (text === "" ? null : text));

/** A whole number, or '' if there is none. */
export const MaybeWhole = z.union([z.literal("").transform(() => null), Whole]);
