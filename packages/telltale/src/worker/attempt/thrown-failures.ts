import type { z } from "zod";
import { type AnyJob, type Duration, LIMITS } from "../../core/index.js";
import { durationMs, encode } from "../../core/internal.js";
import type { StoredError } from "../../core/schemas.js";
import { type LeasedJob, parseInput, retryDelayMs } from "../../queue/internal.js";
import { errorDetail } from "./error-detail.js";
import { storable } from "./storable.js";
import { failed, type Verdict } from "./verdict.js";

const CODE_TOLD = 64;

type Meaning = { readonly code: string; readonly data: unknown } | { readonly retryInMs: number };

/**
 * Creates the errors that a handler throws on purpose, and recognizes them by identity. Other thrown values are not
 * inspected, because they may be Proxies or objects whose getters throw.
 */
export class ThrownFailures {
  readonly #contract: AnyJob;
  readonly #job: Pick<LeasedJob, "attempt" | "attempts">;
  readonly #detailOf: (thrown: unknown) => string;
  readonly #made = new WeakMap<object, Meaning>();

  /** `detailOf` describes thrown values for operators. */
  constructor(
    contract: AnyJob,
    job: Pick<LeasedJob, "attempt" | "attempts">,
    detailOf: (thrown: unknown) => string = errorDetail,
  ) {
    this.#contract = contract;
    this.#job = job;
    this.#detailOf = detailOf;
  }

  fail(code: string, data: unknown): Error {
    const message = `The job fails with ${code}`;
    return this.#make(new Error(message), { code: String(code), data });
  }

  retryAfter(delay: Duration): Error {
    const retryInMs = Math.min(durationMs(delay), LIMITS.delayMs);
    return this.#make(new Error(`The handler asked for a retry in ${retryInMs} ms`), { retryInMs });
  }

  isMade(thrown: unknown): boolean {
    return this.#meaning(thrown) !== undefined;
  }

  /** What to say of a handler that returned such an error instead of throwing it. Undefined for other values. */
  returned(output: unknown): string | undefined {
    const meaning = this.#meaning(output);
    if (!meaning) return undefined;
    const call = "code" in meaning ? "fail" : "retryAfter";
    return `The handler returned ${call}(…). Did you mean \`throw ${call}(…)\`?`;
  }

  async verdict(thrown: unknown): Promise<Verdict> {
    const meaning = this.#meaning(thrown);
    if (meaning && "code" in meaning) return this.#declared(meaning.code, meaning.data, thrown);
    const { attempt, attempts } = this.#job;
    if (!meaning) return failed("handler_error", retryDelayMs(this.#contract.backoff, attempt), this.#detailOf(thrown));
    const why = `retryAfter had no effect: attempt ${attempt} of ${attempts} was the last; raise retry.attempts in the contract`;
    const detail = attempt < attempts ? this.#detailOf(thrown) : `${why}\n${this.#detailOf(thrown)}`;
    const verdict = failed("handler_error", meaning.retryInMs, detail);
    return { ...verdict, fault: { ...verdict.fault, askedToRetry: true } };
  }

  async #declared(code: string, data: unknown, thrown: unknown): Promise<Verdict> {
    const errors: Readonly<Record<string, z.ZodType>> = this.#contract.errors;
    const schema = Object.hasOwn(errors, code) ? errors[code] : undefined;
    if (!schema) {
      return failed(
        "invalid_output",
        null,
        `The contract declares no error ${JSON.stringify(code.slice(0, CODE_TOLD))}`,
      );
    }
    try {
      const names = { value: `The data of fail("${code}")`, schema: "its schema in the contract's `errors`" };
      const error = { code, message: `The job failed: ${code}.`, data: await parseInput(schema, data, names) };
      return { type: "fail", code, error: withDetail(error, this.#detailOf(thrown)), retryInMs: null };
    } catch (error) {
      return failed("invalid_output", null, this.#detailOf(error));
    }
  }

  #make(error: Error, meaning: Meaning): Error {
    this.#made.set(error, meaning);
    return error;
  }

  #meaning(thrown: unknown): Meaning | undefined {
    return typeof thrown === "object" && thrown !== null ? this.#made.get(thrown) : undefined;
  }
}

// Telltale adds the detail, so it must not make data that is within the limit exceed it.
function withDetail(error: StoredError, detail: string): string {
  const bare = storable("error", error, LIMITS.errorBytes);
  const full = encode({ ...error, detail });
  return Buffer.byteLength(full) <= LIMITS.errorBytes ? full : bare;
}
