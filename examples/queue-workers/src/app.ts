import { createExpressMiddleware } from "@trpc/server/adapters/express";
import express, { type Express } from "express";
import { TelltaleError } from "telltale";
import type { Telltale } from "telltale/server";
import { answerErrors } from "./answer-errors.js";
import { type jobs, statement } from "./contracts.js";
import { createRouter, OWNER } from "./router.js";

/** An Express app with its own routes, which submit in process, and the jobs router for any HTTP client. */
export function createApp(telltale: Telltale<typeof jobs>): Express {
  const app = express();
  app.disable("x-powered-by");

  app.post("/statements", express.json(), async (req, res) => {
    const asked = statement.input.safeParse(req.body);
    if (!asked.success) throw new TelltaleError("invalid_input", asked.error.issues[0]?.message);
    // Another request for the same account returns the same job.
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
      allowMethodOverride: true, // queries by POST too, which keeps their input out of URLs and logs
      maxBodySize: 1024 * 1024,
      maxBatchSize: 50,
    }),
  );
  app.use(answerErrors);
  return app;
}
