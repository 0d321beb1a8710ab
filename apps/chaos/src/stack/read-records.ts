import { recordFields } from "@telltale/testkit";
import { JOB_STATUSES, transformer } from "telltale";
import { z } from "zod";
import { RecordEvent, Transition } from "../history/history-event.js";
import type { Recorder } from "../history/recorder.js";
import { SCHEDULE } from "../load/clock.js";
import type { RedisLink } from "./redis-link.js";

const QUEUE = "telltale:{work}:";
const SETS = ["leases", "completed", "failed"] as const;
const PRIORITIES = ["urgent", "high", "normal", "low"] as const;
const Output = z.object({ fence: z.int() });
const Logged = z.object({ fence: z.int(), part: z.int() });
const StoredError = z.object({ code: z.string() });

/** How many jobs there are, by the queue's own counters. */
export async function countJobs(link: RedisLink): Promise<number> {
  const meta = await link.hash("HGETALL", `${QUEUE}meta`);
  return JOB_STATUSES.reduce((sum, status) => sum + Number(meta.get(status) ?? 0), 0);
}

/** How many jobs have not ended, by the queue's own counters. */
export async function countUnfinished(link: RedisLink): Promise<number> {
  const meta = await link.hash("HGETALL", `${QUEUE}meta`);
  const unfinished = ["scheduled", "queued", "running", "retrying"];
  return unfinished.reduce((sum, status) => sum + Number(meta.get(status) ?? 0), 0);
}

/** Records every job in Redis and the queue's counters. Bypasses the engine, because the engine is under test. */
export async function recordJobs(link: RedisLink, record: Recorder): Promise<void> {
  const places = await placesOf(link);
  const jobPrefix = `${QUEUE}job:`;
  for (const key of await link.list("KEYS", `${jobPrefix}*`)) {
    const id = key.slice(jobPrefix.length);
    const stored = Object.fromEntries(await link.hash("HGETALL", key));
    const hash = new Map(Object.entries(recordFields(stored)));
    const lines = await link.list("LRANGE", `${QUEUE}feed:${id}`, "0", "-1");
    const number = (name: string): number => Number(hash.get(name) ?? "0");
    const output = hash.get("output");
    const parsed = RecordEvent.omit({ t: true, type: true }).parse({
      job: id,
      key: userKey(hash.get("idempotency") ?? ""),
      owner: hash.get("owner") ?? "",
      status: hash.get("status"),
      seq: number("seq"),
      round: number("round"),
      attempt: number("attempt"),
      attempts: number("attempts"),
      fence: number("fence"),
      at: number("at"),
      runAt: hash.has("run_at") ? number("run_at") : null,
      limitKey: hash.get("concurrency") ?? null,
      settled: settledInFull(hash),
      code: codeOf(hash.get("error") ?? ""),
      outputFence: output === undefined ? null : Output.parse(decode(output)).fence,
      feed: feedOf(hash, lines),
      log: logOf(await link.list("LRANGE", `${QUEUE}logs:${id}`, "0", "-1")),
      places: places.get(id) ?? [],
    });
    record({ type: "record", ...parsed });
  }
  const firingPrefix = `${QUEUE}idem:@${SCHEDULE}:`;
  for (const key of await link.list("KEYS", `${firingPrefix}*`)) {
    record({ type: "firing", instant: key.slice(firingPrefix.length), job: String(await link.send("GET", key)) });
  }
  const meta = await link.hash("HGETALL", `${QUEUE}meta`);
  const counts = Object.fromEntries(JOB_STATUSES.map((status) => [status, Number(meta.get(status) ?? 0)]));
  record({ type: "counters", counts });
}

async function placesOf(link: RedisLink): Promise<Map<string, string[]>> {
  const places = new Map<string, string[]>();
  const put = (id: string, place: string): void => void places.set(id, [...(places.get(id) ?? []), place]);
  for (const set of SETS) for (const id of await link.list("ZRANGE", `${QUEUE}${set}`, "0", "-1")) put(id, set);
  // Jobs that wait in the lists of their limit keys.
  for (const id of await link.list("ZRANGE", `${QUEUE}grouped`, "0", "-1")) put(id, "waiting");
  for (const priority of PRIORITIES) {
    for (const id of await link.list("ZRANGE", `${QUEUE}scheduled:${priority}`, "0", "-1")) put(id, "scheduled");
    for (const id of await link.list("LRANGE", `${QUEUE}waiting:${priority}`, "0", "-1")) put(id, "waiting");
  }
  return places;
}

// The first transition is not stored: it follows from the hash.
function feedOf(hash: ReadonlyMap<string, string>, lines: readonly string[]): Transition[] {
  const stored = lines.map((line) => {
    const [, seq, at, status, round, attempt, ...payload] = line.split("\n");
    // That of a running job is its worker, and that of a completed one its output.
    const code = status === "failed" || status === "retrying" ? codeOf(payload.join("\n")) : undefined;
    return Transition.parse({
      seq: Number(seq),
      at: Number(at),
      status,
      round: Number(round),
      attempt: Number(attempt),
      code,
    });
  });
  if (stored[0] && stored[0].seq !== 2) return stored;
  const at = Number(hash.get("created_at"));
  return [{ seq: 1, at, status: hash.has("run_at") ? "scheduled" : "queued", round: 1, attempt: 0 }, ...stored];
}

// Each line has its number, time, round, attempt, level, message and data.
function logOf(lines: readonly string[]): RecordEvent["log"] {
  return lines.map((line) => {
    const [n, , , , , , data] = line.split("\n");
    return { n: Number(n), ...(data && Logged.parse(JSON.parse(data))) };
  });
}

// In a final status, the mark is only the action, because the rest follows from the state.
function settledInFull(hash: ReadonlyMap<string, string>): string {
  const settled = hash.get("settled") ?? "";
  if (settled === "" || settled.includes(":")) return settled;
  return [hash.get("fence"), settled, hash.get("status"), hash.get("seq")].join(":");
}

function codeOf(payload: string): string | undefined {
  if (payload === "") return undefined;
  const error = StoredError.safeParse(decode(payload));
  return error.success ? error.data.code : undefined;
}

// The engine stores `<kind>:<length of the key>:<key>:<owner>`.
function userKey(scope: string): string {
  const [, length, from = ""] = /^(?:work|turn):(\d+):(.*)$/.exec(scope) ?? [];
  return from.slice(0, Number(length ?? 0));
}

// Payloads are superjson in Redis.
function decode(text: string): unknown {
  return transformer.deserialize(JSON.parse(text));
}
