import type { TRPCLink } from "@trpc/client";
import type { AnyTRPCRouter } from "@trpc/server";

/** A link of a client, ready for operations. tRPC does not export these types. */
export type OperationLink = ReturnType<TRPCLink<AnyTRPCRouter>>;

type Replies = ReturnType<OperationLink>;

/** A call or a subscription, as a link gets it. */
export type Op = Parameters<OperationLink>[0]["op"];

/** The callbacks for the replies to an operation. */
export type ReplyObserver = NonNullable<Parameters<Replies["subscribe"]>[0]>;

/** A reply to a subscription that is about its connection. */
export type ConnectionNews = { type: "started" } | { type: "state"; state: "connecting"; error: null };
