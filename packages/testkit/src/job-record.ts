// A second implementation of what docs/protocol.md says about the record of a job, because tests check the first one with it.

const STATE = ["status", "seq", "rev", "at", "round", "attempt", "fence"];
const MARKS = ["start_by", "progress_n", "cancel_requested", "settled"];
const JOB = ["created_at", "kind", "attempts", "priority", "version"];
/** Fields of the hash with a name of their own. */
const PLAIN = ["input", "output", "progress", "error", "error_code", "cancelled_by"];

interface Hashes {
  hgetall(key: string): Promise<Record<string, string>>;
  hset(key: string, fields: Record<string, string>): Promise<number>;
}

/** Returns what the record of a job contains, by the names in docs/protocol.md. */
export function recordFields(hash: Readonly<Record<string, string>>): Record<string, string> {
  const { state = "", job = "", ...plain } = hash;
  const [first = "", ...options] = job.split("\n");
  const words = state === "" ? [] : state.split(" ");
  return {
    ...plain,
    ...named(JOB, first === "" ? [] : first.split(" ")),
    ...Object.fromEntries(options.map(pair)),
    ...named(STATE, words),
    ...Object.fromEntries(words.slice(STATE.length).map(pair)),
  };
}

/** Reads the record of a job; see `recordFields`. */
export async function readRecord(redis: Hashes, key: string): Promise<Record<string, string>> {
  return recordFields(await redis.hgetall(key));
}

/** Changes parts of a job's record, as nothing but an operator's mistake does. A part of the first words that is null becomes missing. */
export async function changeRecord(
  redis: Hashes,
  key: string,
  changes: Readonly<Record<string, string | number | null>>,
): Promise<void> {
  const fields: Record<string, string | number | null> = { ...(await readRecord(redis, key)), ...changes };
  const text = (name: string): string => String(fields[name] ?? "");
  const present = (names: readonly string[]): string[] => names.filter((name) => (fields[name] ?? null) !== null);
  const isPlain = (name: string): boolean => PLAIN.includes(name) || name.startsWith("chunk_");
  const options = present(Object.keys(fields)).filter(
    (name) => ![...STATE, ...MARKS, ...JOB].includes(name) && !isPlain(name),
  );
  await redis.hset(key, {
    ...Object.fromEntries(Object.entries(changes).flatMap(([name]) => (isPlain(name) ? [[name, text(name)]] : []))),
    state: [...present(STATE).map(text), ...present(MARKS).map((name) => `${name}=${text(name)}`)].join(" "),
    job: [present(JOB).map(text).join(" "), ...options.map((name) => `${name}=${text(name)}`)].join("\n"),
  });
}

function named(names: readonly string[], words: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name, i) => (words[i] === undefined ? [] : [[name, words[i]]])));
}

function pair(text: string): [name: string, value: string] {
  const at = text.indexOf("=");
  return [text.slice(0, at), text.slice(at + 1)];
}
