/** Faults that no test notices, and why that is acceptable. */

const TRPC = "packages/telltale/src/trpc";
const ADMISSION = "packages/telltale/src/gateway/admission";
const CLAIM_LOOP = "packages/telltale/src/worker/claiming/claim-loop.ts";
const LEASE_KEEPER = "packages/telltale/src/worker/leases/lease-keeper.ts";
const HUB = "packages/telltale/src/queue/watch/hub.ts";
const FEED_WATCH = "packages/telltale/src/queue/watch/feed-watch.ts";
const CLIENT = "packages/telltale/src/client";

const NEVER_UNDEFINED = "It is never undefined here. The type cannot say so.";
const NO_TRANSACTION = "Only the reply to a transaction can be null, and this is none.";
const ONLY_UNIQUE = "The number only has to be different each time.";
const ONLY_MEMORY = "It makes no difference to callers; an empty entry would stay in memory.";

/** Files in which no faults are planted, and why. */
export const LEFT_OUT = {
  "packages/telltale/src/worker/leases/hung-watch.ts":
    "It kills its process, so test/worker/process.test.ts runs it in other processes, where no fault can be planted.",
  "packages/telltale/src/worker/leases/find-culprit.ts":
    "It pauses the main thread of its process, so test/worker/process.test.ts runs it in other processes.",
  "packages/telltale/src/worker/leases/lease-thread.ts":
    "It is bundled into a text and runs in a thread. Its parts are tested in the main thread.",
  "packages/telltale/src/gateway/admission/limits.ts":
    "It only has numbers. docs/security.md lists them, and a test compares.",
};

/**
 * `code` is the text of the line, and `to` is what stands in place of the faulty part of it. Without `to`, all faults that begin
 * on such a line are meant.
 *
 * @type {readonly { file: string, code: string, to?: string, reason: string }[]}
 */
export const ACCEPTED = [
  {
    file: `${TRPC}/job-token.ts`,
    code: "function refusal(error: unknown): false {",
    reason: "jose only throws its own errors for tokens. Another one would be a bug of ours.",
  },
  {
    file: `${TRPC}/job-token.ts`,
    code: "if (error instanceof errors.JOSEError) return false;",
    to: "true",
    reason: "jose only throws its own errors for tokens. Another one would be a bug of ours.",
  },
  {
    file: `${TRPC}/access.ts`,
    code: 'const permitted = by.token !== undefined && action !== "operate" && (await this.#tokens.permits(by.token, id));',
    to: "true",
    reason: "A token that is undefined is malformed, and permits nothing.",
  },
  {
    file: `${TRPC}/access.ts`,
    code: "if (!visible) await finish();",
    reason: "It only makes a refusal take as long as a missing job does. Tests do not measure times.",
  },
  {
    file: `${TRPC}/limits/submit-limits.ts`,
    code: 'assertKnownOptions("createJobsRouter: outstanding", options.outstanding ?? {}, { jobs: true, bytes: true });',
    to: "false",
    reason: "Only the names are looked at.",
  },
  {
    file: `${TRPC}/limits/submit-limits.ts`,
    code: "if (this.#reserve === 0 || (await this.#engine.memory.read()) < 1 - this.#reserve) return;",
    to: "false",
    reason: "It only saves a read of the memory. A full Redis refuses the submit itself.",
  },
  {
    file: `${TRPC}/limits/submit-limits.ts`,
    code: "if (this.#reserve === 0 || (await this.#engine.memory.read()) < 1 - this.#reserve) return;",
    to: "(await this.#engine.memory.read()) <= 1 - this.#reserve",
    reason: "One byte of the memory.",
  },
  {
    file: `${TRPC}/limits/submit-limits.ts`,
    code: 'const { data } = invalidInput("", { issues: [{ path: ["options", option], code: "custom" }] });',
    to: '"Stryker was here!"',
    reason: "The text is not used.",
  },
  {
    file: `${ADMISSION}/places.ts`,
    code: "if (connections.size === 0 && this.#held.get(holder) === connections) this.#held.delete(holder);",
    to: "true",
    reason: "An emptied map has no function left that could be called. The check is for readers who are not sure.",
  },
  {
    file: `${ADMISSION}/admissions.ts`,
    code: "if (left > 0) this.#bySocket.set(connection, left);",
    reason: ONLY_MEMORY,
  },
  {
    file: `${ADMISSION}/callers.ts`,
    code: "if (known?.id === caller.id && known.expiresAt?.getTime() === caller.expiresAt?.getTime()) return;",
    to: "false",
    reason: "It only saves work.",
  },
  { file: `${ADMISSION}/callers.ts`, code: "connections?.delete(connection);", reason: NEVER_UNDEFINED },
  {
    file: `${ADMISSION}/callers.ts`,
    code: "if (connections?.size === 0) this.#bySubject.delete(known.caller.id);",
    to: "connections.size",
    reason: NEVER_UNDEFINED,
  },
  {
    file: `${ADMISSION}/callers.ts`,
    code: "if (connections?.size === 0) this.#bySubject.delete(known.caller.id);",
    to: "false",
    reason: ONLY_MEMORY,
  },
  {
    file: `${ADMISSION}/callers.ts`,
    code: "if (!known) return;",
    to: "false",
    reason: "A connection that is not known has no timer.",
  },
  {
    file: "packages/telltale/src/worker/leases/lease-extender.ts",
    code: "if (this.#timer) clearTimeout(this.#timer);",
    reason: "clearTimeout accepts null.",
  },
  {
    file: LEASE_KEEPER,
    code: 'this.#post({ type: "drop", lease });',
    to: '""',
    reason: "The thread drops the lease of every message that is no hold.",
  },
  {
    file: LEASE_KEEPER,
    code: "if (this.#heart) clearInterval(this.#heart);",
    to: "true",
    reason: "clearInterval accepts null.",
  },
  {
    file: LEASE_KEEPER,
    code: "if (this.#restart) clearTimeout(this.#restart);",
    to: "true",
    reason: "clearTimeout accepts null.",
  },
  {
    file: LEASE_KEEPER,
    code: "if (this.#closing.signal.aborted) return;",
    to: "false",
    reason: "The callers check the same, or are timers that closing has cleared.",
  },
  {
    file: LEASE_KEEPER,
    code: "execArgv: [],",
    reason: "Node.js ignores an argument that is no option.",
  },
  {
    file: LEASE_KEEPER,
    code: "isObserved: observe !== undefined,",
    to: "true",
    reason: "It only saves messages of the thread that nobody would read.",
  },
  {
    file: LEASE_KEEPER,
    code: "this.#options.observe?.(news.event);",
    to: "this.#options.observe(news.event)",
    reason: "Without an observer, the thread sends no events.",
  },
  { file: LEASE_KEEPER, code: "default:", reason: "There is no other type of message." },
  {
    file: CLAIM_LOOP,
    code: "if (claimedAt - askedAt > 2 * leaseMs) [request, askedAt] = [randomUUID(), performance.now()];",
    to: "claimedAt - askedAt >= 2 * leaseMs",
    reason: "A fraction of a millisecond.",
  },
  {
    file: CLAIM_LOOP,
    code: "if (waitMs > 0 && (await doorbell.wait(waitMs, stopping)) && slots.free === 0) await doorbell.passOn(stopping);",
    reason: "A wait of 0 ms costs one more call of Redis. The rest of the line is tested.",
  },
  {
    file: CLAIM_LOOP,
    code: "if (performance.now() < dueAt || stopping.aborted) return;",
    to: "performance.now() <= dueAt",
    reason: "A fraction of a millisecond.",
  },
  {
    file: HUB,
    code: 'this.#observe?.({ type: "watch.repaired", kind: kindOfJobId(id) ?? "", queue: keys.queue, id, ...repair }),',
    to: '"Stryker was here!"',
    reason: "The id of an existing job has a kind.",
  },
  {
    file: HUB,
    code: "if (this.#check) clearInterval(this.#check);",
    to: "true",
    reason: "clearInterval accepts null.",
  },
  { file: HUB, code: "const replies = (await pipeline.exec()) ?? [];", reason: NO_TRANSACTION },
  { file: HUB, code: "const [error, stored] = replies[i] ?? [];", reason: "There is a reply for each command." },
  { file: HUB, code: "const [statusError, status] = replies?.[0] ?? [];", reason: NO_TRANSACTION },
  { file: HUB, code: "const [linesError, lines] = replies?.[1] ?? [];", reason: NO_TRANSACTION },
  {
    file: HUB,
    code: "if (error || !Array.isArray(stored)) continue;",
    to: "error && !Array.isArray(stored)",
    reason: "HMGET replies either with an error or with an array.",
  },
  {
    file: HUB,
    code: "pipeline.lrange(list, from - 1, from + count - 2);",
    to: "from + count + 2",
    reason: "A page only has four lines more.",
  },
  {
    file: HUB,
    code: "lines: lines.flatMap((line) => parseChunkLine(String(line)) ?? []),",
    to: '["Stryker was here"]',
    reason: "A line without a number is not delivered either.",
  },
  {
    file: HUB,
    code: "const cursor = after === undefined ? null : parseChunkPosition(after);",
    to: "false",
    reason: "A cursor that is undefined is malformed.",
  },
  {
    file: HUB,
    code: "return cursor && cursor.n > 0 ? { n: cursor.n, at: cursor.epoch } : null;",
    reason: "A cursor before the first chunk also starts with the first chunk.",
  },
  {
    file: FEED_WATCH,
    code: "#readAgain = false;",
    reason: "It is set before each read.",
  },
  {
    file: FEED_WATCH,
    code: "if (this.#buffer.length < BUFFERED_MESSAGES) this.#buffer.push(message);",
    to: "this.#buffer.length <= BUFFERED_MESSAGES",
    reason: "One message more or less in memory.",
  },
  {
    file: FEED_WATCH,
    code: "if (this.isOver || this.#overflowed) return;",
    reason: "The loop that reads checks the same again.",
  },
  { file: FEED_WATCH, code: "const buffered = this.#buffer ?? [];", reason: NEVER_UNDEFINED },
  {
    file: FEED_WATCH,
    code: "if (message.seq <= at.seq) return message.seq < at.seq ? message.at <= at.epoch : message.at === at.epoch;",
    to: "message.at < at.epoch",
    reason: "It only costs a read of the job for a repeated message.",
  },
  {
    file: FEED_WATCH,
    code: "if (!this.#deliver(fromTransition(message))) return true;",
    to: "false",
    reason: "After an overflow nothing is read until the reader comes back.",
  },
  {
    file: FEED_WATCH,
    code: "if (message.seq > at.seq || message.epoch !== at.epoch) return false;",
    to: "false",
    reason: "A change of a later transition also has another time, except within one millisecond.",
  },
  {
    file: `${CLIENT}/feeds/subscription.ts`,
    code: '#newest: FrameMeaning = "stale";',
    reason: 'It is only compared with "final".',
  },
  {
    file: `${CLIENT}/to-telltale-error.ts`,
    code: 'const message = messageOf(cause) ?? "";',
    reason: "Any text that is no message of tRPC.",
  },
  {
    file: `${CLIENT}/to-telltale-error.ts`,
    code: 'const [, path] = /^No (?:procedure found|"\\w+"-procedure) on path "(.*)"/.exec(message) ?? [];',
    to: '["Stryker was here"]',
    reason: "Only the second part is read.",
  },
  {
    file: `${CLIENT}/to-telltale-error.ts`,
    code: 'if (error instanceof SyntaxError || /^Unable to transform/.test(messageOf(error) ?? ""))',
    reason: "It only decides on a hint in a message.",
  },
  {
    file: `${CLIENT}/to-telltale-error.ts`,
    code: "for (let depth = 0; depth < 4 && error !== undefined; depth++) {",
    to: "true",
    reason: "Fields of undefined are undefined, so it only saves steps.",
  },
  { file: `${CLIENT}/feeds/subscription.ts`, code: "const generation = ++this.#generation;", reason: ONLY_UNIQUE },
  { file: `${CLIENT}/feeds/subscription.ts`, code: "this.#generation++;", reason: ONLY_UNIQUE },
  {
    file: `${CLIENT}/feeds/subscription.ts`,
    code: 'if (this.#state === state || this.#state === "closed") return;',
    reason: "After the end, callbacks are those of an earlier generation, which are ignored.",
  },
];
