import type { Lease } from "../../queue/internal.js";

/** One lease among all that this process ever held: a job may come back while an old attempt of it is still around. */
export function leaseKey({ id, fence }: Lease): string {
  return `${id} ${fence}`;
}
