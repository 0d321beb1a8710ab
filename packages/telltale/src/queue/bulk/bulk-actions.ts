import { type BulkProgress, TelltaleError } from "../../core/index.js";
import type { JobFilter } from "../../core/schemas.js";
import { type OpenQueues, quoted } from "../open-queues.js";
import type { JobFinder } from "../read/job-finder.js";
import type { RerunQuota } from "../scripts/lifecycle/rerun.js";
import type { ListedJob } from "../scripts/reading/listed.js";
import { checkUniqueElsewhere } from "../submit/find-in-former.js";
import { type BulkRequest, type BulkScope, bulkStep } from "./bulk-step.js";
import { obliterateStep } from "./obliterate-step.js";

/** One step of an action on a whole queue. */
export interface DrainRequest {
  readonly queue: string;
  readonly dryRun?: boolean | undefined;
  readonly cursor?: string | undefined;
}

/** What the caller of a step of a bulk action may set. */
export type BulkStepOptions = Partial<Pick<BulkScope, "permitted" | "before" | "after">> & {
  /** The most that the account of a rerun job may have outstanding. */
  readonly quota?: RerunQuota | null | undefined;
};

/** Takes actions on many jobs, a step at a time. */
export class BulkActions {
  readonly #queues: OpenQueues;
  readonly #find: JobFinder;
  readonly #onCancelled: BulkScope["onCancelled"];

  constructor(queues: OpenQueues, find: JobFinder, onCancelled: BulkScope["onCancelled"]) {
    this.#queues = queues;
    this.#find = find;
    this.#onCancelled = onCancelled;
  }

  /** Takes one step of a bulk action; see `bulkStep`. The caller checks access, by `permitted`. */
  step(request: BulkRequest, options: BulkStepOptions = {}): Promise<BulkProgress> {
    const { permitted = async (jobs) => [...jobs] } = options;
    const isKnown = ({ kind }: ListedJob): boolean => this.#queues.isKnown(kind);
    return this.#step(request, { ...options, permitted: (jobs) => permitted(jobs.filter(isKnown)) });
  }

  /** Takes one step of cancelling what waits in a queue, of any kind. Rejects with `invalid_input` for an unknown queue. */
  drain({ queue, ...step }: DrainRequest): Promise<BulkProgress> {
    const filter: JobFilter = { queue, status: ["scheduled", "queued", "retrying"] };
    return this.#step({ action: "cancel", filter, ...step });
  }

  /** Takes one step of deleting the finished jobs of a queue that ended `olderThanMs` ago. Rejects like `drain`. */
  clean({ queue, ...step }: DrainRequest & { readonly olderThanMs: number }): Promise<BulkProgress> {
    const filter: JobFilter = { queue, status: ["completed", "failed", "cancelled"] };
    return this.#step({ action: "remove", filter, ...step });
  }

  /** Takes one step of deleting a queue; see `obliterateStep`. */
  async obliterate(queue: string, cursor: string | undefined): Promise<BulkProgress> {
    const [found] = await this.#find.queuesFor({ queue });
    if (!found) throw new TelltaleError("invalid_input", `There is no queue ${quoted(queue, 64)}`);
    return obliterateStep(found.scripts, cursor);
  }

  // Also changes jobs of kinds without a contract.
  async #step(request: BulkRequest, options: BulkStepOptions = {}): Promise<BulkProgress> {
    const { quota = null, permitted = async (jobs) => [...jobs], before = async () => {}, after = () => {} } = options;
    const queues = await this.#find.queuesFor(request.filter);
    return bulkStep(request, {
      queues: new Map(queues.map(({ keys, scripts }) => [keys.queue, scripts])),
      permitted,
      checkElsewhere: (kind) => {
        const ofKind = this.#queues.ofKind(kind);
        return ofKind.length > 1 ? (id, scripts) => checkUniqueElsewhere(ofKind, { id, scripts }) : null;
      },
      quota,
      onCancelled: this.#onCancelled,
      before,
      after,
    });
  }
}
