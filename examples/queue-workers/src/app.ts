import { createExpressMiddleware } from "@trpc/server/adapters/express";
import express, { type Express } from "express";
import { TelltaleError } from "telltale";
import type { Telltale } from "telltale/server";
import { answerErrors } from "./answer-errors.js";
import { type jobs, statement } from "./contracts.js";
import { createRouter, OWNER } from "./router.js";

/** An Express app that submits in process, and beside its own routes has those of the jobs, for whoever can POST. */
export function createApp(telltale: Telltale<typeof jobs>): Express {
  const app = express();
  app.disable("x-powered-by");

  app.post("/statements", express.json(), async (req, res) => {
    const asked = statement.input.safeParse(req.body);
    if (!asked.success) throw new TelltaleError("invalid_input", asked.error.issues[0]?.message);
    // Asked again for the same account, it answers with the same job.
    const job = await telltale.statement.submit(asked.data, { owner: OWNER, idempotencyKey: asked.data.account });
    res.status(202).location(`/statements/${job.id}`).json({ id: job.id });
  });

  app.get("/statements/:id", async (req, res) => {
    res.json(await telltale.statement.job(req.params.id).get());
  });

  app.use(
    "/trpc",
    createExpressMiddleware({
      router: createRouter(telltale),
      allowMethodOverride: true, // queries by POST as well: what they ask stays out of addresses and logs
      maxBodySize: 1024 * 1024,
      maxBatchSize: 50,
    }),
  );
  app.use(answerErrors);
  return app;
}
