import { initTRPC, type TRPCProcedureBuilder, type TrackedEnvelope } from "@trpc/server";
import { z } from "zod";
import {
  type CancelOutcome,
  type FailureGroup,
  type JobChunk,
  type JobDetail,
  type JobEvent,
  type JobLogLine,
  type JobLogPage,
  type Jobs,
  LIMITS,
  TelltaleError,
} from "../core/index.js";
import { assertKnownOptions, assertSameVersion, MADE_HERE, redact } from "../core/internal.js";
import { JobRef, ListInput, LogsInput, RerunInput, ScheduleRef, WatchInput } from "../core/schemas.js";
import type { Schedule, Telltale } from "../queue/index.js";
import {
  type FoundJob,
  type JobToStore,
  listSchedules,
  removeSchedule,
  type SubmitRequest,
  setSchedule,
  toDetail,
  toLogPage,
  type Viewer,
  viewerOf,
} from "../queue/internal.js";
import { Access, type Authorize, type Credentials } from "./access.js";
import { bulkRouter } from "./bulk-router.js";
import { type Direct, withDirect } from "./feeds/direct.js";
import { SharedEvents } from "./feeds/shared-events.js";
import { chunkStream, logStream, type StreamRequest, statusStream } from "./feeds/stream.js";
import { trackedFeed } from "./feeds/tracked-feed.js";
import { assertSecrets, createJobTokens } from "./job-token.js";
import { jobTokenOf } from "./job-token-context.js";
import { jobsMutation } from "./jobs-mutation.js";
import type { CallName } from "./limits/call-costs.js";
import { assertLimit, CallLimits, type LimitedCaller } from "./limits/call-limits.js";
import { accountOf, type SubmitLimitOptions, SubmitLimits } from "./limits/submit-limits.js";
import { listAnswer } from "./list-answer.js";
import { type OperatorActed, observeActed, observedCalls } from "./observed-calls.js";
import { queuesRouter } from "./queues-router.js";
import { requirePermissions } from "./require-permissions.js";
import { type RerunAnswer, rerunAnswer } from "./rerun-answer.js";
import { parseSchedule, type ScheduleInput } from "./schedule-input.js";
import { sinkOf } from "./sink.js";
import { isExpired, type Subject } from "./subject.js";
import { type Envelope, parseEnvelope, parseWire, type SubmitAnswer, type SubmitInput } from "./submit-input.js";
import { answering, type CallError, toCallError } from "./to-trpc-error.js";
import { assertTrpcServer } from "./trpc-server.js";
import { workersRouter } from "./workers-router.js";

const SUBMITS_PER_MINUTE = 6_000;
const COST_PER_MINUTE = 30_000;
const LISTS_AT_ONCE = 2;
/** The lines of a page of a log. */
const LOG_LINES = 100;

// The other parameters of a procedure builder depend on the application.
// biome-ignore lint/suspicious/noExplicitAny: accepts any meta and parsers of the application; none of them reaches a client.
type HostProcedure<Ctx, Over> = TRPCProcedureBuilder<Ctx, any, Over, any, any, any, any, false>;

type Simplify<T> = { [K in keyof T]: T[K] };

/** The context that resolvers get from the application's procedure. */
type ResolvedContext<Ctx, Over> = Simplify<Omit<Ctx, keyof Over> & Over>;

/** The options of `createJobsRouter`. */
export interface JobsRouterOptions<Ctx, Over, K extends string> extends SubmitLimitOptions {
  /**
   * Your own procedure, with your context, authentication and middleware. All procedures of the jobs router are built from it.
   */
  readonly procedure: HostProcedure<Ctx, Over>;
  /** Returns the caller from your context, or null for an anonymous caller, who can still use a job token. */
  readonly subject: (ctx: ResolvedContext<Ctx, Over>) => Subject | null;
  /** The kinds that callers may submit. Other kinds reject with `unknown_kind`. */
  readonly submit: readonly K[];
  /**
   * Returns the job token of the request or connection, for calls that do not contain one. With `createGateway` you do not need
   * this option. With other adapters, return the header `telltale-job-token`: the SDK sends tokens in it for server-sent
   * events.
   */
  readonly token?: (ctx: ResolvedContext<Ctx, Over>) => string | undefined;
  /**
   * Your own access rule. It replaces the default rule, by which users have access to their own jobs and operators to all jobs. A
   * job token always permits watching and cancelling its job. A list contains those of the caller's own jobs (of all jobs, for an
   * operator) that the rule lets the caller watch.
   */
  readonly authorize?: Authorize;
  /**
   * The most jobs that one subject may submit per minute, across all servers. Reruns by callers who are not operators count too.
   * Further ones reject with `too_many`. @default 6000
   */
  readonly submitsPerMinute?: number;
  /**
   * The total cost of one subject's calls per minute in one process. Reading, submitting or cancelling a job costs 1, a list of
   * jobs or a step of a bulk action 10, a page of a log or a list of queues, workers or schedules 5. All callers with the same address, as the gateway sees it, together have ten
   * times this limit. Further calls reject with `too_many`; `data.retryInMs` says when to try again. @default 30000
   */
  readonly costPerMinute?: number;
  /**
   * The most list calls of one subject that run at the same time in one process. Up to 50 more wait; further ones reject with
   * `too_many`. @default 2
   */
  readonly listsAtOnce?: number;
  /**
   * Secrets for job tokens, of at least 32 characters. The first one signs, and all are accepted, so that you can rotate them.
   * Throws `invalid_config` for an empty list and for shorter secrets.
   * @default a random secret, which is kept in Redis and shared by all servers
   */
  readonly secrets?: readonly string[];
}

/** The reply of `submitMany` for one item: a job, or an error. */
export type SubmitManyAnswer<T extends Jobs> = SubmitAnswer<T> | { error: CallError };

/** Any event of any job of an application: a union by `kind` and `status`. */
export type AnyJobEvent<T extends Jobs> = { [K in keyof T & string]: JobEvent<T[K]> }[keyof T & string];

/** The current state of any job of an application. */
export type AnyJobDetail<T extends Jobs> = { [K in keyof T & string]: JobDetail<T[K]> }[keyof T & string];

/** Any chunk of any job of an application. */
export type AnyJobChunk<T extends Jobs> = { [K in keyof T & string]: JobChunk<T[K]> }[keyof T & string];

/**
 * Creates the tRPC procedures for an application's jobs: `submit`, `submitMany`, `get`, `cancel`, `rerun`, `list`, `logs`,
 * `onStatus`, `onChunk` and `onLogs`, and for operators `failures`, `bulk.step`, `schedules.{list,set,remove}`,
 * `queues.{list,history,onStats,pause,resume,drain,clean,obliterate}` and
 * `workers.{list,onChange,drain}`.
 *
 * Mount it in a router of your own `t`, as in `t.router({ jobs: createJobsRouter(…) })`, because it has no transformer and no
 * error formatter of its own. `createGateway` checks the transformer. Throws `invalid_config` for options that are unknown or
 * out of range, and `unknown_kind` for kinds in `submit` that have no contract.
 */
// The return type is inferred, because it would repeat every procedure below.
export function createJobsRouter<T extends Jobs, Ctx extends object, Over, const K extends keyof T & string>(
  telltale: Pick<Telltale<T>, "$engine" | "$jobs">,
  options: JobsRouterOptions<Ctx, Over, K>,
) {
  assertTrpcServer();
  type Open = Pick<T, K>;
  assertKnownOptions("createJobsRouter", options, {
    ...{
      procedure: true,
      subject: true,
      submit: true,
      token: true,
      authorize: true,
      submitsPerMinute: true,
      costPerMinute: true,
      listsAtOnce: true,
      secrets: true,
      priorities: true,
      maxDelay: true,
      outstanding: true,
      reserve: true,
    },
  });
  const engine = telltale.$engine;
  assertSameVersion("The `telltale` of this jobs router", engine);
  const kinds: ReadonlySet<string> = new Set(options.submit);
  for (const kind of kinds) engine.contract(kind);
  const perMinute = options.submitsPerMinute ?? SUBMITS_PER_MINUTE;
  const costPerMinute = options.costPerMinute ?? COST_PER_MINUTE;
  const listsAtOnce = options.listsAtOnce ?? LISTS_AT_ONCE;
  for (const [name, limit] of Object.entries({ submitsPerMinute: perMinute, costPerMinute, listsAtOnce })) {
    assertLimit(name, limit);
  }
  if (options.secrets) assertSecrets(options.secrets);
  requirePermissions(engine, { makesSecret: options.secrets === undefined });
  const tokens = createJobTokens(async () => options.secrets ?? [await engine.secret()]);
  const access = new Access(engine, tokens, options.authorize);

  // Only `subject` and `token` read the context, so its type does not matter here.
  const t = initTRPC.context<object>().create();
  const hosts = options.procedure as unknown as typeof t.procedure;

  // The application's middleware turns Ctx into the context that `subject` takes.
  const whoIs = (ctx: unknown): Subject | null => {
    const subject = options.subject(ctx as ResolvedContext<Ctx, Over>);
    return subject && isExpired(subject, engine.clock() ?? Date.now()) ? null : subject;
  };
  const credentials = (ctx: unknown, token: string | undefined) => ({
    subject: whoIs(ctx),
    token: token ?? options.token?.(ctx as ResolvedContext<Ctx, Over>) ?? jobTokenOf(ctx),
  });

  const { observe } = engine;
  const calls = observe && observedCalls(observe, whoIs);
  const observed = calls ? hosts.use(async ({ ctx, path, next }) => calls.outcome({ ctx, path }, await next())) : hosts;
  const now = (): number => engine.clock() ?? performance.now();
  // The application's `subject` function may throw. The error is ignored here, because the call itself will fail with it.
  const subjectOf = (ctx: unknown): Subject | null => {
    try {
      return whoIs(ctx);
    } catch {
      return null;
    }
  };
  const limits = new CallLimits({ costPerMinute, listsAtOnce, now });
  const procedureOf = (name: CallName) =>
    observed.use(({ ctx, next }) => {
      const subject = subjectOf(ctx);
      const sink = sinkOf(ctx);
      if (subject) sink?.identify(subject);
      return limits.run(name, { subject, sink }, next);
    });
  const acted = (ctx: unknown, action: OperatorActed): void => {
    const actor = subjectOf(ctx)?.id ?? "";
    // The lines of an audit log. An observer gets the same as data.
    engine.logger.info({ actor, ...action }, "an operator acted");
    observeActed(observe, { actor, ...action });
  };

  const events = new SharedEvents();
  const submitLimits = new SubmitLimits(engine, options);

  /** Checks whether a caller may submit this, and returns the request. */
  async function permittedRequest(caller: LimitedCaller, envelope: Envelope): Promise<SubmitRequest> {
    const owner = await access.toSubmit(caller.subject, envelope);
    const options = submitLimits.permittedOptions(envelope.options ?? {}, engine.clock() ?? Date.now());
    return { quota: submitLimits.quotaOf(caller), ...toRequest({ ...envelope, options }, owner) };
  }

  /** Counts the submits of a caller. */
  async function spend(caller: LimitedCaller, submits: number): Promise<void> {
    await submitLimits.assertRoom();
    await engine.allowance.spend({ subject: accountOf(caller), submits, perMinute });
  }

  /** Stores a job and signs its token, at the same time. */
  async function storeAndSign(job: JobToStore): Promise<SubmitAnswer<Open>> {
    const [{ id, status }, token] = await Promise.all([engine.store(job), tokens.sign(job.id)]);
    // The job of an earlier submit with the same idempotency key has another id.
    return { id, kind: job.kind, status, token: id === job.id ? token : await tokens.sign(id) } as SubmitAnswer<Open>;
  }

  /** Returns what a caller may see of a job. */
  function viewerAs(
    subject: Subject | null,
    { kind, owner }: Pick<FoundJob, "kind" | "owner">,
  ): { readonly isOwner: boolean; readonly viewer: Viewer } {
    const isOwner = owner !== null && owner === subject?.id;
    return { isOwner, viewer: viewerOf(engine.jobs[kind], { isOperator: subject?.operator === true, isOwner }) };
  }

  async function streamRequest(
    ctx: unknown,
    input: WatchInput,
    {
      signal = new AbortController().signal,
      toJob = (id, by) => access.toJob(id, "watch", by),
    }: Readonly<{ signal: AbortSignal | undefined; toJob?: (id: string, by: Credentials) => Promise<FoundJob> }>,
  ): Promise<StreamRequest> {
    const by = credentials(ctx, input.token);
    const known = await toJob(input.id, by);
    return {
      job: { id: input.id, kind: known.kind },
      known,
      after: input.lastEventId,
      viewer: viewerAs(by.subject, known).viewer,
      subjectId: by.subject?.id ?? input.id,
      sink: sinkOf(ctx),
      signal,
    };
  }

  const router = t.router({
    submit: jobsMutation<SubmitInput<Open>, SubmitAnswer<Open>>(
      procedureOf("submit")
        // The engine's `prepare` checks the input against the contract.
        .input((raw: unknown) => parseEnvelope(kinds, raw) as SubmitInput<Open>)
        .mutation(({ ctx, input }) =>
          answering(async (): Promise<SubmitAnswer<Open>> => {
            const caller = { subject: whoIs(ctx), sink: sinkOf(ctx) };
            const request = await permittedRequest(caller, input);
            await tokens.ready();
            await spend(caller, 1);
            return storeAndSign(await engine.prepare(request));
          }),
        ),
    ),

    submitMany: procedureOf("submitMany")
      .input((raw: unknown) => parseMany(kinds, raw) as SubmitInput<Open>[])
      .mutation(({ ctx, input }) =>
        answering(async (): Promise<SubmitManyAnswer<Open>[]> => {
          const caller = { subject: whoIs(ctx), sink: sinkOf(ctx) };
          limits.spendMore(caller, input.length - 1);
          const prepared = await Promise.all(
            input.map(async (one) => engine.prepare(await permittedRequest(caller, one))),
          );
          await tokens.ready();
          await spend(caller, prepared.length);
          return Promise.all(
            prepared.map(async (job) => {
              try {
                return await storeAndSign(job);
              } catch (error) {
                if (!(error instanceof TelltaleError)) throw error;
                return { error: toCallError(error) };
              }
            }),
          );
        }),
      ),

    get: procedureOf("get")
      .input((raw: unknown) => parseWire(JobRef, raw))
      .query(({ ctx, input }) =>
        answering(async (): Promise<AnyJobDetail<T>> => {
          const by = credentials(ctx, input.token);
          const record = await access.toDetail(input.id, by);
          const { isOwner, viewer } = viewerAs(by.subject, record);
          return toDetail(input.id, record, { ...viewer, showsInput: isOwner || viewer.isOperator }) as AnyJobDetail<T>;
        }),
      ),

    logs: procedureOf("logs")
      .input((raw: unknown) => parseWire(LogsInput, raw))
      .query(({ ctx, input }) =>
        answering(async (): Promise<JobLogPage> => {
          const { id, after, limit = LOG_LINES } = input;
          await access.toLog(id, credentials(ctx, input.token));
          const read = await engine.find.log(id, { after, limit });
          if (!read) throw new TelltaleError("not_found", `Job ${id} does not exist`);
          return toLogPage(read, after);
        }),
      ),

    list: procedureOf("list")
      .input((raw: unknown) => parseWire(ListInput, raw ?? {}))
      .query(({ ctx, input }) => answering(() => listAnswer<T>(engine, access, { input, subject: whoIs(ctx) }))),

    cancel: procedureOf("cancel")
      .input((raw: unknown) => parseWire(JobRef, raw))
      .mutation(({ ctx, input }) =>
        answering(async (): Promise<{ outcome: CancelOutcome }> => {
          const by = credentials(ctx, input.token);
          await access.toJob(input.id, "cancel", by);
          const outcome = await engine.cancel(input.id);
          if (by.subject?.operator) acted(ctx, { action: "job.cancel", id: input.id });
          return { outcome };
        }),
      ),

    rerun: procedureOf("rerun")
      .input((raw: unknown) => parseWire(RerunInput, raw))
      .mutation(({ ctx, input }) =>
        answering(async (): Promise<RerunAnswer> => {
          const caller = { subject: whoIs(ctx), sink: sinkOf(ctx) };
          if ("ids" in input) limits.spendMore(caller, input.ids.length - 1);
          const quota = submitLimits.rerunQuotaOf(caller);
          return rerunAnswer(engine, access, {
            input,
            by: credentials(ctx, undefined),
            onRerun: (id) => acted(ctx, { action: "job.rerun", id }),
            limits: quota && { quota, spend: (reruns) => spend(caller, reruns) },
          });
        }),
      ),

    failures: procedureOf("failures").query(({ ctx }) =>
      answering(async (): Promise<FailureGroup[]> => {
        const who = whoIs(ctx);
        await access.toBulk(who, null);
        const groups = (await engine.find.failures()).map((group) => ({ ...group, owner: null }));
        return (await access.operable(who, groups)).map(({ owner: _, ...group }) => group);
      }),
    ),

    bulk: bulkRouter(t, {
      ...{ procedureOf, engine, access, subject: whoIs, acted },
      limits: (ctx) => {
        const caller = { subject: whoIs(ctx), sink: sinkOf(ctx) };
        const quota = submitLimits.rerunQuotaOf(caller);
        return quota && { quota, spend: (reruns) => spend(caller, reruns) };
      },
    }),

    queues: queuesRouter(t, { procedureOf, engine, access, subject: whoIs, acted }),

    workers: workersRouter(t, { procedureOf, engine, access, subject: whoIs, acted }),

    schedules: t.router({
      list: procedureOf("schedules.list").query(({ ctx }) =>
        answering(async (): Promise<Schedule[]> => {
          const who = whoIs(ctx);
          await access.toOperate(who, null);
          return (await listSchedules(engine)).map((schedule) => {
            const { kind, owner = null } = schedule;
            const { hidden } = viewerAs(who, { kind, owner }).viewer;
            return { ...schedule, input: redact(schedule.input, hidden) };
          });
        }),
      ),

      set: jobsMutation<ScheduleInput<Open>, { name: string; next: Date }>(
        procedureOf("schedules.set")
          .input((raw: unknown) => parseSchedule(kinds, raw) as ScheduleInput<Open>)
          .mutation(({ ctx, input }) =>
            answering(async (): Promise<{ name: string; next: Date }> => {
              await access.toOperate(whoIs(ctx), input.kind);
              const set = await setSchedule(engine, input);
              acted(ctx, { action: "schedule.set", schedule: input.name });
              return { name: input.name, ...set };
            }),
          ),
      ),

      remove: procedureOf("schedules.remove")
        .input((raw: unknown) => parseWire(ScheduleRef, raw))
        .mutation(({ ctx, input }) =>
          answering(async (): Promise<{ removed: boolean }> => {
            await access.toOperate(whoIs(ctx), null);
            const removed = await removeSchedule(engine, input.name);
            if (removed) acted(ctx, { action: "schedule.remove", schedule: input.name });
            return { removed };
          }),
        ),
    }),

    onStatus: trackedFeed<WatchInput, AnyJobEvent<T>>(
      procedureOf("onStatus")
        .input((raw: unknown) => parseWire(WatchInput, raw))
        .subscription(async ({ ctx, input, signal }) => {
          const direct: Direct = { send: null };
          const request = (): Promise<StreamRequest> => answering(() => streamRequest(ctx, input, { signal }));
          const stream = statusStream(engine, request, { direct, events });
          return withDirect(stream as AsyncGenerator<TrackedEnvelope<AnyJobEvent<T>>, void>, direct);
        }),
    ),

    onChunk: trackedFeed<WatchInput, AnyJobChunk<T>>(
      procedureOf("onChunk")
        .input((raw: unknown) => parseWire(WatchInput, raw))
        .subscription(async function* ({ ctx, input, signal }): AsyncGenerator<TrackedEnvelope<AnyJobChunk<T>>, void> {
          const request = await answering(() => streamRequest(ctx, input, { signal }));
          yield* chunkStream(engine, request) as AsyncGenerator<TrackedEnvelope<AnyJobChunk<T>>, void>;
        }),
    ),

    onLogs: trackedFeed<WatchInput, JobLogLine>(
      procedureOf("onLogs")
        .input((raw: unknown) => parseWire(WatchInput, raw))
        .subscription(async function* ({ ctx, input, signal }): AsyncGenerator<TrackedEnvelope<JobLogLine>, void> {
          const toJob = (id: string, by: Credentials): Promise<FoundJob> => access.toLog(id, by);
          yield* logStream(engine, await answering(() => streamRequest(ctx, input, { signal, toJob })));
        }),
    ),
  });
  // For `createGateway`, which checks the version. It gets the application's router, which only contains this router's
  // procedures.
  for (const made of Object.values(router._def.procedures)) Object.assign(made, MADE_HERE);
  return router;
}

function toRequest({ kind, input, options }: Envelope, owner: Subject): SubmitRequest {
  const key = owner.isTransient
    ? (["idempotencyKey", "uniqueKey"] as const).find((name) => options?.[name])
    : undefined;
  if (key !== undefined) {
    throw new TelltaleError(
      "invalid_input",
      `Without credentials each call is a new user, so ${key} would have no effect. Send an Authorization header, or leave it out`,
    );
  }
  return { kind, input, owner: owner.id, ...options };
}

function parseMany(kinds: ReadonlySet<string>, raw: unknown): Envelope[] {
  return parseWire(z.array(z.unknown()).min(1).max(LIMITS.batch), raw).map((one) => parseEnvelope(kinds, one));
}
