/**
 * What to do about scheduled times that passed while no worker was running: `none` skips them, `last` runs one job for the
 * latest.
 */
export const CATCH_UPS = ["none", "last"] as const;

/** One of `CATCH_UPS`. */
export type CatchUp = (typeof CATCH_UPS)[number];
