/** The orders in which a list can be sorted. */
export const LIST_ORDERS = ["newest", "slowest"] as const;
