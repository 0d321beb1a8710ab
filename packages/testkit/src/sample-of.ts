/** Whether long searches are done in full: with `TELLTALE_ALL=1`, as in continuous integration. */
export const IS_FULL = process.env.TELLTALE_ALL === "1";

/** Returns every `nth` of the cases of a long search, the first one included, or all of them with `TELLTALE_ALL=1`. */
export function sampleOf<T>(cases: readonly T[], nth: number): readonly T[] {
  return IS_FULL ? cases : cases.filter((_, i) => i % nth === 0);
}
