import {
  ERROR_CODES,
  type ErrorCode,
  LIMITS,
  type SubmitOptions,
  type SubmitOutcome,
  TelltaleError,
} from "../../core/index.js";
import { atIndex } from "../../core/internal.js";
import type { WireProcedures, WireSubmit } from "../procedures.js";
import type { Closing } from "../transport/closing.js";
import { checkedBytes } from "./checked-bytes.js";
import { readSubmittedMany, type Submitted } from "./reply.js";
import { untilAnswered } from "./until-answered.js";
import { type ToSubmit, wireSubmit, withKey } from "./wire-submit.js";

// Three calls of 256 KB stay below the gateway's limit of 1 MB, even if a link batches them into one request. An input of the
// maximum size gets a call of its own.
const CALLS_AT_ONCE = 3;
const CALL_BYTES = LIMITS.inputBytes;
/** The assumed size of an item without its input: kind, keys and tags. */
const ENVELOPE_BYTES = 1_024;
const CHECKS_PER_TURN = 500;

/** Errors that refuse a whole call because of a single item. */
const CAUSED_BY_ONE_ITEM: ReadonlySet<ErrorCode> = new Set(["invalid_input", "too_large"]);

/** Jobs to submit. */
export interface ManySubmissions {
  readonly kind: string;
  readonly items: readonly { readonly input: unknown; readonly options?: SubmitOptions | undefined }[];
  readonly closing: Closing;
}

/** An item that passed the checks of `checkedBytes`. */
interface Checked extends ToSubmit {
  readonly index: number;
  readonly bytes: number;
}

interface Sending {
  readonly index: number;
  readonly request: WireSubmit;
}

/** Submits jobs of one kind in calls of up to `LIMITS.batch` items; see `JobClient.submitMany`. */
export async function submitMany(
  procedures: WireProcedures,
  { kind, items, closing }: ManySubmissions,
): Promise<SubmitOutcome<Submitted>[]> {
  const checked = await checkAll(kind, items);
  const outcomes: SubmitOutcome<Submitted>[] = [];
  /** The error after which nothing more is sent. */
  let fatal: TelltaleError | null = null;

  // All senders take their parts from one iterator. A request is created only when its part is taken, which saves memory.
  const parts = inParts(checked);
  await Promise.all(Array.from({ length: CALLS_AT_ONCE }, sendNext));
  return outcomes;

  async function sendNext(): Promise<void> {
    for (const part of parts) await send(part.map((item) => ({ index: item.index, request: wireSubmit(item) })));
  }

  async function send(part: readonly Sending[]): Promise<void> {
    let left = part;
    try {
      if (fatal) throw unsent(fatal);
      await untilAnswered(closing, async (signal) => {
        const requests = left.map(({ request }) => request);
        const answers = readSubmittedMany(await procedures.submitMany.mutate(requests, { signal }), left);
        for (const { item, outcome } of answers) outcomes[item.index] = outcome;
        // Only the items that were refused for a temporary reason are sent again.
        left = answers.filter(({ outcome }) => isRetryable(outcome)).map(({ item }) => item);
        const refusal = worstOf(answers.map(({ outcome }) => outcome).filter(isRetryable));
        if (refusal) throw refusal;
      });
    } catch (error) {
      if (!(error instanceof TelltaleError)) throw error;
      if (CAUSED_BY_ONE_ITEM.has(error.code) && left.length > 1) return sendHalves(left);
      if (!CAUSED_BY_ONE_ITEM.has(error.code)) fatal ??= error;
      for (const { index, request } of left) outcomes[index] = { ok: false, error: withKey(error, request) };
    }
  }

  // A refused call has stored nothing. Sending its halves isolates the invalid item in at most six steps and submits the rest.
  async function sendHalves(part: readonly Sending[]): Promise<void> {
    const middle = Math.ceil(part.length / 2);
    await send(part.slice(0, middle));
    await send(part.slice(middle));
  }
}

/** Splits items into parts of at most `LIMITS.batch` items and `CALL_BYTES`, or of a single larger item. */
function* inParts(items: readonly Checked[]): Generator<readonly Checked[], void, undefined> {
  let part: Checked[] = [];
  let bytes = 0;
  for (const item of items) {
    const more = item.bytes + ENVELOPE_BYTES;
    if (part.length === LIMITS.batch || (part.length > 0 && bytes + more > CALL_BYTES)) {
      yield part;
      part = [];
      bytes = 0;
    }
    part.push(item);
    bytes += more;
  }
  if (part.length > 0) yield part;
}

type Refused = Extract<SubmitOutcome<Submitted>, { ok: false }>;

function isRetryable(outcome: SubmitOutcome<Submitted>): outcome is Refused {
  return !outcome.ok && ERROR_CODES[outcome.error.code].retry;
}

// `outcome_unknown` has priority: the caller must know that an item may have been submitted.
function worstOf(refused: readonly Refused[]): TelltaleError | undefined {
  const errors = refused.map(({ error }) => error);
  return errors.find(({ code }) => code === "outcome_unknown") ?? errors[0];
}

// After `outcome_unknown` for an earlier call, the outcome of items that were never sent is still known.
function unsent(error: TelltaleError): TelltaleError {
  return error.code === "outcome_unknown" ? new TelltaleError("unreachable", undefined, { cause: error }) : error;
}

async function checkAll(kind: string, items: ManySubmissions["items"]): Promise<Checked[]> {
  const checked: Checked[] = [];
  // Copied, because the caller may change the list while this function waits.
  for (const [index, { input, options = {} }] of [...items].entries()) {
    try {
      checked.push({ kind, input, options, index, bytes: checkedBytes(wireSubmit({ kind, input, options })) });
    } catch (error) {
      throw atIndex(index, error);
    }
    // Yields to the event loop, so that a page stays responsive.
    if (index % CHECKS_PER_TURN === CHECKS_PER_TURN - 1) await new Promise((resolve) => setTimeout(resolve));
  }
  return checked;
}
