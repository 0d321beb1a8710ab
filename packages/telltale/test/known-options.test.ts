import { defineJob, defineQueue } from "telltale";
import { createGateway } from "telltale/gateway";
import { createTelltale } from "telltale/server";
import { createWorker } from "telltale/worker";
import { expect, test } from "vitest";
import { z } from "zod";

const job = { input: z.object({}), output: z.object({}) };

test.each([
  ["a contract", () => defineJob("mail", { ...job, retries: 5 } as never), 'Contract "mail" has no option "retries"'],
  ["its retry", () => defineJob("mail", { ...job, retry: { attemps: 5 } } as never), 'retry has no option "attemps"'],
  ["its retention", () => defineJob("mail", { ...job, retention: { done: {} } } as never), 'no option "done"'],
  ["an age", () => defineJob("mail", { ...job, retention: { failed: { days: 1 } } } as never), 'no option "days"'],
  ["its limits", () => defineJob("mail", { ...job, limits: { rates: {} } } as never), 'no option "rates"'],
  ["a queue", () => defineQueue("mail", { concurency: 5 } as never), 'Queue "mail" has no option "concurency"'],
  ["a rate", () => defineQueue("mail", { rate: { max: 5, perMs: 5 } } as never), 'rate has no option "perMs"'],
  ["createTelltale", () => createTelltale({ url: "redis://127.0.0.1" } as never), 'createTelltale has no option "url"'],
  ["createWorker", () => createWorker({ threads: 5 } as never), 'createWorker has no option "threads"'],
  ["createGateway", () => createGateway({ router: { _def: { procedures: {} } }, port: 1 } as never), "createGateway"],
])("an unknown option of %s is refused by name", (_, call, message) => {
  expect(call).toThrow(expect.objectContaining({ code: "invalid_config", message: expect.stringContaining(message) }));
});
