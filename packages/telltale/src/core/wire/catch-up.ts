/** What becomes of instants that passed while nobody could fire them: nothing, or one job for the last of them. */
export const CATCH_UPS = ["none", "last"] as const;

/** One word of `CATCH_UPS`. */
export type CatchUp = (typeof CATCH_UPS)[number];
