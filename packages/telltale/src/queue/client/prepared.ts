import { kindOfJobId, LIMITS, TelltaleError } from "../../core/index.js";
import { decode, fromPreparedOptions, invalidInput, timeOfJobId, toPreparedOptions } from "../../core/internal.js";
import { PreparedJob } from "../../core/schemas.js";
import type { Engine } from "../engine.js";
import { encoded } from "../record/encoded.js";
import type { JobToStore } from "../record/job-to-store.js";
import { limitKeysOf } from "../submit/limit-keys.js";
import { parseInput } from "../submit/parse-input.js";
import type { SubmitRequest } from "../submit/submit-request.js";

/** The job a request asks for, to be kept elsewhere and stored later. Asks nothing of Redis. */
export async function prepareForLater(engine: Engine, request: SubmitRequest): Promise<PreparedJob> {
  const job = await engine.prepare(request);
  const { id, kind, owner, input, version, limitKeys, idempotencyKey = id } = job;
  // Redis keeps the time, but has not to be there: when this was prepared stands in the id.
  const now = engine.clock() ?? timeOfJobId(id);
  return { v: 1, id, kind, owner, input, ...toPreparedOptions(job, now), idempotencyKey, version, limitKeys };
}

/** The job that a prepared one means, whoever had it meanwhile. Rejects with `invalid_input` or `unknown_kind`. */
export async function fromPrepared(engine: Engine, raw: unknown): Promise<JobToStore> {
  const prepared = parsePrepared(raw);
  const { id, kind, owner, version } = prepared;
  const contract = engine.contract(kind);
  const value = decode(prepared.input);
  const input = encoded("input", value, LIMITS.inputBytes);
  // What was prepared under another version of the contract is for a worker that knows both.
  const isOurs = version === contract.version;
  const limitKeys = isOurs ? limitKeysOf(contract, await parseInput(contract.input, value)) : prepared.limitKeys;
  const options = fromPreparedOptions(prepared);
  return { ...options, id, kind, owner, input, attempts: contract.attempts, version, depth: 0, limitKeys };
}

function parsePrepared(raw: unknown): PreparedJob {
  const parsed = PreparedJob.safeParse(raw);
  if (!parsed.success) throw invalidInput("This is not a job that `prepare` answered", parsed.error);
  const { id, kind } = parsed.data;
  if (kindOfJobId(id) === kind) return parsed.data;
  throw new TelltaleError("invalid_input", `The id ${id} is not one of the kind ${kind}`);
}
