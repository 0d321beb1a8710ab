import { z } from "zod";

/** A whole number in a reply, sent as a number or a string. */
export const Whole = z.coerce.number().int();

/** A string. Parses '' as null. */
export const MaybeText = z.string().transform((text) => (text === "" ? null : text));

/** A whole number. Parses '' as null. */
export const MaybeWhole = z.union([z.literal("").transform(() => null), Whole]);
