import type { AnyTRPCProcedure, AnyTRPCRouter } from "@trpc/server";
import { directOf, sinkOf } from "../../trpc/internal.js";
import { DirectStream } from "./direct-stream.js";
import { GuardedSocket } from "./guarded-socket.js";
import { SharedFrames } from "./shared-frames.js";
import { SocketSink } from "./socket-sink.js";

/** The part of a call that is used here. */
interface Call {
  readonly ctx: unknown;
}

/**
 * Returns the router for the adapter of WebSockets. Its subscriptions can send events past their generators; see `Direct`. Those whose
 * generator the application has wrapped in one of its own cannot, because that one may change or leave out events.
 */
export function directRouter<R extends AnyTRPCRouter>(router: R): R {
  const frames = new SharedFrames(router);
  // tRPC adds the procedures of lazy routers to the original object when they are loaded.
  const procedures: Record<string, AnyTRPCProcedure> = Object.create(router._def.procedures);
  for (const [path, procedure] of Object.entries<AnyTRPCProcedure>(router._def.procedures)) {
    if (procedure._def.type === "subscription") procedures[path] = direct(procedure, frames);
  }
  return { ...router, _def: { ...router._def, procedures } };
}

function direct(procedure: AnyTRPCProcedure, frames: SharedFrames): AnyTRPCProcedure {
  // tRPC types procedures as objects, and calls them.
  const call = procedure as unknown as (call: Call) => Promise<unknown>;
  const served = async (given: Call): Promise<unknown> => {
    const stream = await call(given);
    const direct = directOf(stream);
    if (!direct || !isAsyncIterable(stream)) return stream;
    const sink = sinkOf(given.ctx);
    if (!(sink instanceof SocketSink) || !(sink.ws instanceof GuardedSocket)) return stream;
    const isWritable = (): boolean => sink.writable();
    return new DirectStream(stream[Symbol.asyncIterator](), { direct, socket: sink.ws, isWritable, frames });
  };
  return Object.assign(served, procedure);
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}
