import { TelltaleError } from "../../core/index.js";
import type { Sink } from "../sink.js";
import type { Subject } from "../subject.js";
import { toTRPCError } from "../to-trpc-error.js";
import { Budgets } from "./budgets.js";
import { CALL_COSTS, type CallName, LISTS } from "./call-costs.js";
import { Turns } from "./turns.js";

/** Callers with the same address get as much together as this many subjects. */
const SUBJECTS_PER_ADDRESS = 10;
const MAX_WAITING_LISTS = 50;

export interface CallLimitsOptions {
  /** The budget of a subject per minute. */
  readonly costPerMinute: number;
  /** How many lists of a subject run at the same time. */
  readonly listsAtOnce: number;
  readonly now: () => number;
}

/** A caller: the subject if it is known, and the connection if a gateway serves it. */
export interface LimitedCaller {
  readonly subject: Subject | null;
  readonly sink: Sink | null;
}

/**
 * Limits what one caller can cost this process: by subject, and by address for callers who are a new subject each time or
 * none at all.
 */
export class CallLimits {
  readonly #bySubject: Readonly<{ budgets: Budgets; turns: Turns }>;
  readonly #byAddress: Readonly<{ budgets: Budgets; turns: Turns }>;

  constructor(options: CallLimitsOptions) {
    this.#bySubject = limitsFor(options, 1);
    this.#byAddress = limitsFor(options, SUBJECTS_PER_ADDRESS);
  }

  /** Runs a call if the caller's budget allows it. Rejects with TOO_MANY_REQUESTS otherwise. */
  async run<R>(name: CallName, caller: LimitedCaller, call: () => Promise<R>): Promise<R> {
    try {
      this.spendMore(caller, CALL_COSTS[name]);
      if (!LISTS.has(name)) return await call();
      return await this.#inTurn(caller, call);
    } catch (error) {
      throw toTRPCError(error);
    }
  }

  /** Spends more for a call that turned out to be about several jobs. Throws `too_many`. */
  spendMore({ subject, sink }: LimitedCaller, cost: number): void {
    if (subject) this.#bySubject.budgets.spend(subject.id, cost);
    if (sink) this.#byAddress.budgets.spend(sink.address, cost);
  }

  #inTurn<R>({ subject, sink }: LimitedCaller, call: () => Promise<R>): Promise<R> {
    const ofAddress = sink ? () => this.#byAddress.turns.run(sink.address, call) : call;
    return subject ? this.#bySubject.turns.run(subject.id, ofAddress) : ofAddress();
  }
}

function limitsFor({ costPerMinute, listsAtOnce, now }: CallLimitsOptions, times: number) {
  return {
    budgets: new Budgets({ amount: costPerMinute * times, perMs: 60_000, now }),
    turns: new Turns({ atOnce: listsAtOnce * times, maxWaiting: MAX_WAITING_LISTS * times }),
  };
}

/** Throws `invalid_config` unless the limit is a whole number from 1. */
export function assertLimit(name: string, value: number): void {
  if (Number.isInteger(value) && value >= 1) return;
  throw new TelltaleError("invalid_config", `${name} must be a whole number from 1, not ${value}`);
}
