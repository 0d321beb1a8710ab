/** How Redis persists its data: a column of the fault table. */
export const DURABILITIES = ["none", "everysec", "always", "replicated"] as const;

/**
 * `none`: memory only. `everysec`, `always`: an append-only file that is synced to disk that often. `replicated`: as
 * `everysec`, plus a replica that every submit waits for.
 */
export type Durability = (typeof DURABILITIES)[number];

/** What a fault may undo: nothing, transitions of jobs (`steps`), or acknowledged jobs too (`jobs`). */
export type Forgetting = "nothing" | "steps" | "jobs";

/** The Redis setting of each durability, and how many replicas a submit waits for. */
export const KEPT_BY = {
  none: { appendFsync: null, replicas: 0 },
  everysec: { appendFsync: "everysec", replicas: 0 },
  always: { appendFsync: "always", replicas: 0 },
  replicated: { appendFsync: "everysec", replicas: 1 },
} as const satisfies Record<Durability, { appendFsync: string | null; replicas: number }>;
