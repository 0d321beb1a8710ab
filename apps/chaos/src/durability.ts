/** What Redis keeps what it is told by: a column of the fault table. */
export const DURABILITIES = ["none", "everysec", "always", "replicated"] as const;

/**
 * `none`: memory alone. `everysec`, `always`: an append-only file, brought to the disk that often. `replicated`: that of
 * `everysec`, and a replica that every submit waits for.
 */
export type Durability = (typeof DURABILITIES)[number];

/** What may be gone after a fault: nothing, what was done to jobs (`steps`), or acknowledged jobs themselves too. */
export type Forgetting = "nothing" | "steps" | "jobs";

/** What each durability writes down, and whether submits wait for a replica. */
export const KEPT_BY = {
  none: { appendFsync: null, replicas: 0 },
  everysec: { appendFsync: "everysec", replicas: 0 },
  always: { appendFsync: "always", replicas: 0 },
  replicated: { appendFsync: "everysec", replicas: 1 },
} as const satisfies Record<Durability, { appendFsync: string | null; replicas: number }>;
