import { createHash } from "node:crypto";
import { type Duration, PRIORITIES, type Priority, TelltaleError, type WireSubmitOptions } from "../../core/index.js";
import { assertKnownOptions, durationMs, invalidInput, SUBMIT_OPTIONS } from "../../core/internal.js";
import type { Engine, Quota } from "../../queue/internal.js";
import { assertLimit, type LimitedCaller } from "./call-limits.js";

/** The options of a jobs router that limit what callers may submit. */
export interface SubmitLimitOptions {
  /**
   * The priorities that callers may use. If "normal" is not among them, submits without a priority get the first one. @default
   * ["normal", "low"]
   */
  readonly priorities?: readonly Priority[];
  /** How far ahead callers may schedule a job with `delay` or `runAt`. @default "30d" */
  readonly maxDelay?: Duration;
  /**
   * The most that one subject may have outstanding in each queue. A job is outstanding until it has ended. Further submits, and
   * reruns by callers who are not operators, reject with `too_many`. Anonymous and transient subjects with the same address count
   * as one. @default 10,000 jobs, and 64 MiB of inputs
   */
  readonly outstanding?: { readonly jobs?: number; readonly bytes?: number };
  /**
   * The part of Redis's `maxmemory` that is kept for your own code: submits of callers reject with `redis_full` when less than this
   * is free. From 0 to 0.1. @default 0.1
   */
  readonly reserve?: number;
}

const DEFAULTS = { jobs: 10_000, bytes: 64 * 1024 * 1024, reserve: 0.1, maxDelay: "30d" } as const;
const DEFAULT_PRIORITIES: readonly Priority[] = ["normal", "low"];
/** Workers only make room above `EARLY_PRUNE_FULLNESS`, so a larger reserve could reject callers for as long as jobs are retained. */
const MAX_RESERVE = 0.1;

/** Checks what callers may submit. */
export class SubmitLimits {
  readonly #engine: Engine;
  readonly #priorities: readonly Priority[];
  readonly #maxDelayMs: number;
  /** The same for messages. */
  readonly #maxDelay: string;
  readonly #outstanding: Omit<Quota, "account">;
  readonly #reserve: number;

  /** Throws `invalid_config`. */
  constructor(engine: Engine, options: SubmitLimitOptions) {
    const { priorities = DEFAULT_PRIORITIES, maxDelay = DEFAULTS.maxDelay, reserve = DEFAULTS.reserve } = options;
    const { jobs = DEFAULTS.jobs, bytes = DEFAULTS.bytes } = options.outstanding ?? {};
    assertKnownOptions("createJobsRouter: outstanding", options.outstanding ?? {}, { jobs: true, bytes: true });
    assertLimit("outstanding.jobs", jobs);
    assertLimit("outstanding.bytes", bytes);
    if (priorities.length === 0 || !priorities.every((one) => PRIORITIES.includes(one))) {
      throw new TelltaleError("invalid_config", `priorities must contain one or more of ${PRIORITIES.join(", ")}`);
    }
    if (!(reserve >= 0 && reserve <= MAX_RESERVE)) {
      throw new TelltaleError("invalid_config", `reserve must be a number from 0 to ${MAX_RESERVE}, not ${reserve}`);
    }
    this.#engine = engine;
    this.#priorities = priorities;
    this.#maxDelayMs = durationMs(maxDelay);
    this.#maxDelay = typeof maxDelay === "number" ? `${maxDelay} ms` : maxDelay;
    this.#outstanding = { jobs, bytes };
    this.#reserve = reserve;
  }

  /**
   * Returns the options, with a priority if callers may not use the default one. Throws `invalid_input` if they may not use these
   * options. `now` is in ms since 1970.
   */
  permittedOptions(options: WireSubmitOptions, now: number): WireSubmitOptions {
    const { priority, delayMs, runAt } = options;
    if (priority !== undefined && !this.#priorities.includes(priority)) {
      const permitted = this.#priorities.map((one) => JSON.stringify(one)).join(" or ");
      throw refused("priority", `Callers may not use the priority ${JSON.stringify(priority)}. Use ${permitted}`);
    }
    const aheadMs = delayMs ?? (runAt ? runAt.getTime() - now : 0);
    if (aheadMs > this.#maxDelayMs) {
      const option = delayMs === undefined ? "runAt" : "delay";
      throw refused(option, `Callers may schedule a job at most ${this.#maxDelay} ahead`);
    }
    if (priority !== undefined || this.#priorities.includes(SUBMIT_OPTIONS.priority.unset)) return options;
    return { ...options, priority: this.#priorities[0] };
  }

  /** Resolves if Redis has more memory left than is reserved. Rejects with `redis_full` otherwise. */
  async assertRoom(): Promise<void> {
    if (this.#reserve === 0 || (await this.#engine.memory.read()) < 1 - this.#reserve) return;
    throw new TelltaleError("redis_full", "Redis has no memory left for callers. Nothing was written");
  }

  /** The limit of what the account of a job may have outstanding that the caller reruns. Null for operators, who are not limited. */
  rerunQuotaOf({ subject }: Pick<LimitedCaller, "subject">): Omit<Quota, "account"> | null {
    return subject?.operator ? null : this.#outstanding;
  }

  /** The limit of what the caller may have outstanding. */
  quotaOf(caller: LimitedCaller): Quota {
    return { account: addressAccount(caller), ...this.#outstanding };
  }
}

/** Returns the account that a caller's submits count for. */
export function accountOf(caller: LimitedCaller): string {
  return addressAccount(caller) ?? caller.subject?.id ?? "";
}

/**
 * Anonymous and transient subjects count by their address, because a caller can have any number of them. The address is hashed, which
 * keeps it out of sight, but the few possible addresses can be tried. Without the gateway it is unknown, and all of them count as one.
 */
function addressAccount({ subject, sink }: LimitedCaller): string | null {
  if (!subject?.isAnonymous && !subject?.isTransient) return null;
  return `address:${sink ? createHash("sha256").update(sink.address).digest("base64url").slice(0, 22) : "unknown"}`;
}

function refused(option: string, message: string): TelltaleError {
  const { data } = invalidInput("", { issues: [{ path: ["options", option], code: "custom" }] });
  return new TelltaleError("invalid_input", message, { data });
}
