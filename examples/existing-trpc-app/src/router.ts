import { createJobsRouter } from "telltale/trpc";
import { notesRouter } from "./notes.js";
import { telltale } from "./telltale.js";
import { protectedProcedure, t } from "./trpc.js";

export const appRouter = t.router({
  notes: notesRouter,
  // #region mount
  jobs: createJobsRouter(telltale, {
    procedure: protectedProcedure,
    subject: ({ user }) => ({ id: user.id, operator: user.role === "admin" }),
    submit: ["summary"],
    submitsPerMinute: 60,
  }),
  // #endregion
});

export type AppRouter = typeof appRouter;
