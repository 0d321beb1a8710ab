import { kindOfJobId, LIMITS, TelltaleError } from "../../core/index.js";
import { decode, fromPreparedOptions, invalidInput, timeOfJobId, toPreparedOptions } from "../../core/internal.js";
import { PreparedJob } from "../../core/schemas.js";
import type { Engine } from "../engine.js";
import { encoded } from "../record/encoded.js";
import type { JobToStore } from "../record/job-to-store.js";
import { limitKeysOf } from "../submit/limit-keys.js";
import { parseInput } from "../submit/parse-input.js";
import type { SubmitRequest } from "../submit/submit-request.js";

/** Implements `ServerJobClient.prepare`. Makes no call to Redis. */
export async function prepareForLater(engine: Engine, request: SubmitRequest): Promise<PreparedJob> {
  const job = await engine.prepare(request);
  const { id, kind, owner, input, version, limitKeys, idempotencyKey = id } = job;
  // Redis may be down, so its clock cannot be used. The id contains the time of this process.
  const now = engine.clock() ?? timeOfJobId(id);
  return { v: 1, id, kind, owner, input, ...toPreparedOptions(job, now), idempotencyKey, version, limitKeys };
}

/** Validates a prepared job and converts it to the job to store. Rejects with `invalid_input`, `too_large` or `unknown_kind`. */
export async function fromPrepared(engine: Engine, raw: unknown): Promise<JobToStore> {
  const prepared = parsePrepared(raw);
  const { id, kind, owner, version } = prepared;
  const contract = engine.contract(kind);
  const value = decode(prepared.input);
  const input = encoded("input", value, LIMITS.inputBytes);
  // Only a worker can upgrade an input from another version of the contract, so the limit keys computed by `prepare` are kept.
  const isOurs = version === contract.version;
  const limitKeys = isOurs
    ? limitKeysOf(contract, await parseInput(contract.input, value), { owner })
    : prepared.limitKeys;
  const options = fromPreparedOptions(prepared);
  return { ...options, id, kind, owner, input, attempts: contract.attempts, version, depth: 0, limitKeys };
}

function parsePrepared(raw: unknown): PreparedJob {
  const parsed = PreparedJob.safeParse(raw);
  if (!parsed.success)
    throw invalidInput("The prepared job is invalid. Pass the unchanged value that `prepare` returned", parsed.error);
  const { id, kind } = parsed.data;
  if (kindOfJobId(id) === kind) return parsed.data;
  throw new TelltaleError(
    "invalid_input",
    `The prepared job has the kind ${kind}, but its id ${id} belongs to another kind`,
  );
}
