import { initTRPC } from "@trpc/server";
import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { expect, test } from "vitest";
import { telltaleErrorFormatter } from "./error-formatter.js";

const t = initTRPC.create({ errorFormatter: telltaleErrorFormatter });
const router = t.router({ submit: t.procedure.input((raw) => raw).mutation(() => "done") });

test.each(["", "?batch=1"])("a body that is not JSON is an invalid input, and is not quoted (%s)", async (query) => {
  const req = new Request(`http://localhost/submit${query}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: 'canary{"json":',
  });

  const answer = await fetchRequestHandler({ endpoint: "", req, router });
  const text = await answer.text();

  expect(answer.status).toBe(400);
  expect(text).toContain('"telltale":{"code":"invalid_input"}');
  expect(text).not.toContain("canary");
});

test("a batch with malformed input is not quoted in the error", async () => {
  const req = new Request("http://localhost/submit,submit?batch=1&input=canary", { method: "GET" });

  const text = await (await fetchRequestHandler({ endpoint: "", req, router })).text();

  expect(text).not.toContain("canary");
});
