/** What to do about scheduled times that passed while no worker was running: nothing, or one job for the last of them. */
export const CATCH_UPS = ["none", "last"] as const;

/** One of `CATCH_UPS`. */
export type CatchUp = (typeof CATCH_UPS)[number];
