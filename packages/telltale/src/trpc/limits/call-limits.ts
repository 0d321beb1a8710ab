import { TelltaleError } from "../../core/index.js";
import type { Sink } from "../sink.js";
import type { Subject } from "../subject.js";
import { toTRPCError } from "../to-trpc-error.js";
import { Budgets } from "./budgets.js";
import { CALL_COSTS, type CallName, LISTS } from "./call-costs.js";
import { Turns } from "./turns.js";

/** All callers with the same address together have the limits of this many subjects. */
const SUBJECTS_PER_ADDRESS = 10;
const MAX_WAITING_LISTS = 50;

/** The options of `CallLimits`. */
export interface CallLimitsOptions {
  /** The budget of a subject per minute. */
  readonly costPerMinute: number;
  /** The most list calls of a subject that run at the same time. */
  readonly listsAtOnce: number;
  /** Returns the current time in ms. */
  readonly now: () => number;
}

/** A caller: the subject if it is known, and the connection if a gateway serves it. */
export interface LimitedCaller {
  readonly subject: Subject | null;
  readonly sink: Sink | null;
}

/**
 * Limits the cost of each caller in this process. Counts by subject, and also by address, because a caller may be a new subject
 * in each call, or anonymous.
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

  /** Spends more, for a call about several jobs. Throws `too_many`. */
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

/** Throws `invalid_config` unless the limit is a whole number of at least 1. */
export function assertLimit(name: string, value: number): void {
  if (Number.isInteger(value) && value >= 1) return;
  throw new TelltaleError("invalid_config", `${name} must be a whole number of at least 1, not ${value}`);
}
