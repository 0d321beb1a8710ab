import { TelltaleError, type WorkerInfo, type WorkerList, type WorkersDrained } from "../../core/index.js";
import { WorkerRef } from "../../core/schemas.js";
import { quoted } from "../open-queues.js";
import type { RegistryKeys } from "../redis/keys.js";
import type { Listening, Subscriber } from "../redis/subscriber.js";
import { type AnyTarget, runScript } from "../scripts/run-script.js";
import type { Script } from "../scripts/script.js";
import { type Beat, type BeatReply, beat } from "../scripts/workers/beat.js";
import { drainWorkers } from "../scripts/workers/drain-workers.js";
import { leave } from "../scripts/workers/leave.js";
import { listWorkers } from "../scripts/workers/list-workers.js";
import { toWorkerInfo } from "./worker-record.js";

/** Entries that one call of a script reads. Records can have 20 KB, but most have less than one. */
const LISTED_A_CALL = 100;
const DRAINED_A_CALL = 500;
/** The most workers in a list. */
const MOST_WORKERS = 1_000;
/** In lists of more workers than `MANY`, each has at most `RUNNING_OF_MANY` running jobs, so that a list has at most about 1 MB of them. */
const MANY = 100;
const RUNNING_OF_MANY = 10;

/** The workers of all processes with the same prefix. */
export class WorkerRegistry {
  readonly #target: AnyTarget;
  readonly #keys: RegistryKeys;
  readonly #listen: Subscriber["listen"];

  constructor(
    target: Omit<AnyTarget, "keys">,
    { keys, listen }: Readonly<{ keys: RegistryKeys; listen: Subscriber["listen"] }>,
  ) {
    this.#target = { ...target, keys: { meta: keys.seen, queue: null } };
    this.#keys = keys;
    this.#listen = listen;
  }

  /** Tells that a worker is there, and what it does. */
  beat(told: Beat): Promise<BeatReply> {
    return this.#run(beat, told);
  }

  /** Removes a worker that has stopped. */
  async leave(entry: string): Promise<void> {
    await this.#run(leave, entry);
  }

  /** Calls back when the worker with this id is asked to stop claiming. The message may be lost, but the reply of `beat` says the same. */
  onDrain(id: string, asked: () => void): Listening {
    return this.#listen(this.#keys.asked, {
      message: ({ text }) => {
        const [word, ...ids] = text.split("\n");
        if (word === "drain" && ids.includes(id)) asked();
      },
      resubscribed: () => {
        // If a message was missed, the next beat says so.
      },
    });
  }

  /** Returns the workers that are there, by name and id. */
  async list(): Promise<WorkerList> {
    const workers: WorkerInfo[] = [];
    for (let after: string | null = null; ; ) {
      const page: ReturnType<typeof listWorkers.parse> = await this.#run(listWorkers, { limit: LISTED_A_CALL, after });
      workers.push(...page.workers.flatMap((one) => toWorkerInfo(one) ?? []));
      after = page.next;
      if (after !== null && workers.length < MOST_WORKERS) continue;
      const listed = workers.slice(0, MOST_WORKERS);
      return { at: page.now, total: page.total, workers: listed.length > MANY ? listed.map(shortened) : listed };
    }
  }

  /**
   * Asks all workers of a name to stop claiming, and returns their number. Rejects with `not_found` if there is none, and with
   * `invalid_input` for what cannot be a name. Safe to call twice.
   */
  async drain(name: string): Promise<WorkersDrained> {
    if (!WorkerRef.safeParse({ name }).success)
      throw new TelltaleError(
        "invalid_input",
        `${quoted(name, 64)} is not a worker's name. Names have 1 to 64 characters from A-Z a-z 0-9 . _ -`,
      );
    let asked = 0;
    for (let after: string | null = null; ; ) {
      const step: ReturnType<typeof drainWorkers.parse> = await this.#run(drainWorkers, {
        ...{ name, limit: DRAINED_A_CALL, after },
      });
      asked += step.asked;
      after = step.next;
      if (after === null) break;
    }
    if (asked > 0) return { name, asked };
    throw new TelltaleError(
      "not_found",
      `There is no worker with the name ${quoted(name, 64)}. See the list of workers`,
    );
  }

  #run<A, R>(script: Script<A, R>, input: A): Promise<R> {
    return runScript(this.#target, script, input);
  }
}

function shortened(worker: WorkerInfo): WorkerInfo {
  return { ...worker, running: worker.running.slice(0, RUNNING_OF_MANY) };
}
