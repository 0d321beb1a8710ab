import type { IncomingMessage } from "node:http";
import { initTRPC, TRPCError } from "@trpc/server";
// #region t
import { transformer } from "telltale";
import { telltaleErrorFormatter } from "telltale/trpc";
// #endregion
import { type User, userOf } from "./users.js";

/** The context of every procedure: the caller. */
export interface Context {
  readonly user: User | null;
}

// #region context
/** What both listeners create a context from. A WebSocket sends its token in its first message. */
export interface ContextSource {
  readonly req: IncomingMessage;
  readonly info: { readonly connectionParams: Readonly<Record<string, string | undefined>> | null };
}

export function createContext({ req, info }: ContextSource): Context {
  const token = req.headers.authorization ?? info.connectionParams?.authorization;
  return { user: userOf(token) };
}
// #endregion

// #region t
// Wire-compatible with superjson, except that a small hostile request cannot block the process.
export const t = initTRPC.context<Context>().create({ transformer, errorFormatter: telltaleErrorFormatter });
// #endregion

/** Requires a login. In these procedures, `ctx.user` is never null. */
export const protectedProcedure = t.procedure.use(({ ctx, next }) => {
  if (!ctx.user) throw new TRPCError({ code: "UNAUTHORIZED" });
  return next({ ctx: { user: ctx.user } });
});
