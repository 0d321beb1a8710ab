import { z } from "zod";
import { protectedProcedure, t } from "./trpc.js";

// In place of the app's database.
const notesOf = new Map<string, { text: string; writtenAt: Date }[]>();

export const notesRouter = t.router({
  list: protectedProcedure.query(({ ctx }) => notesOf.get(ctx.user.id) ?? []),

  add: protectedProcedure.input(z.object({ text: z.string().min(1).max(1_000) })).mutation(({ ctx, input }) => {
    const note = { text: input.text, writtenAt: new Date() };
    notesOf.set(ctx.user.id, [...(notesOf.get(ctx.user.id) ?? []), note]);
    return note;
  }),
});
