import { kindOfJobId, LIMITS, TelltaleError } from "../../core/index.js";
import { decode, invalidInput, timeOfJobId } from "../../core/internal.js";
import { PreparedJob } from "../../core/schemas.js";
import type { Engine } from "../engine.js";
import { encoded } from "../record/encoded.js";
import { fingerprint } from "../record/fingerprint.js";
import type { JobToStore } from "../record/job-to-store.js";
import { limitKeysOf } from "../submit/limit-keys.js";
import { parseInput } from "../submit/parse-input.js";
import { type SubmitRequest, scopeOf } from "../submit/submit-request.js";

/** The job a request asks for, to be kept elsewhere and stored later. Asks nothing of Redis. */
export async function prepareForLater(engine: Engine, request: SubmitRequest): Promise<PreparedJob> {
  const { idempotencyKey, uniqueKey = null } = request;
  const { id, kind, owner, input, delayMs, runAtMs, priority, tags, version, startWithinMs, limitKeys } =
    await engine.prepare(request);
  // Redis keeps the time, but has not to be there: when this was prepared stands in the id.
  const now = engine.clock() ?? timeOfJobId(id);
  return {
    v: 1,
    id,
    kind,
    owner,
    input,
    runAtMs: delayMs === null ? runAtMs : now + delayMs,
    priority,
    tags: [...tags],
    idempotencyKey: idempotencyKey ?? id,
    uniqueKey,
    version,
    startWithinMs,
    limitKeys,
  };
}

/** The job that a prepared one means, whoever had it meanwhile. Rejects with `invalid_input` or `unknown_kind`. */
export async function fromPrepared(engine: Engine, raw: unknown): Promise<JobToStore> {
  const prepared = parsePrepared(raw);
  const { id, kind, owner, runAtMs, priority, tags, idempotencyKey, uniqueKey, version, startWithinMs } = prepared;
  const contract = engine.contract(kind);
  const value = decode(prepared.input);
  const input = encoded("input", value, LIMITS.inputBytes);
  // What was prepared under another version of the contract is for a worker that knows both.
  const isOurs = version === contract.version;
  const limitKeys = isOurs ? limitKeysOf(contract, await parseInput(contract.input, value)) : prepared.limitKeys;
  return {
    id,
    kind,
    owner,
    input,
    delayMs: null,
    runAtMs,
    attempts: contract.attempts,
    priority,
    tags,
    // Made anew: a scope that was kept could have been made to name another owner's key.
    idempotency: { scope: scopeOf(kind, owner, idempotencyKey), fingerprint: fingerprint(input) },
    unique: uniqueKey === null ? null : scopeOf(kind, owner, uniqueKey),
    version,
    startWithinMs,
    depth: 0,
    limitKeys,
  };
}

function parsePrepared(raw: unknown): PreparedJob {
  const parsed = PreparedJob.safeParse(raw);
  if (!parsed.success) throw invalidInput("This is not a job that `prepare` answered", parsed.error);
  const { id, kind } = parsed.data;
  if (kindOfJobId(id) === kind) return parsed.data;
  throw new TelltaleError("invalid_input", `The id ${id} is not one of the kind ${kind}`);
}
