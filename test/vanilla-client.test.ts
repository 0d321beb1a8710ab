import { createTRPCClient, createWSClient, httpBatchLink, httpLink, splitLink, wsLink } from "@trpc/client";
import superjson from "superjson";
import { expect, test } from "vitest";
import { WebSocket } from "ws";
import type { AppRouter } from "../apps/server/src/router.js";
import { startProcesses, submission } from "./processes.js";

test.each(["httpLink", "httpBatchLink"] as const)(
  "a plain tRPC client with %s and wsLink can submit and watch jobs",
  async (name) => {
    await using stack = await startProcesses({ workers: 1 });
    const http = { url: `${stack.url}/trpc`, transformer: superjson };
    // The types of ws and of the DOM's WebSocket differ only in parts that are not used here.
    const socket = createWSClient({ url: `${stack.url.replace("http", "ws")}/trpc`, WebSocket: WebSocket as never });
    const trpc = createTRPCClient<AppRouter>({
      links: [
        splitLink({
          condition: ({ type }) => type === "subscription",
          true: wsLink({ client: socket, transformer: superjson }),
          false: name === "httpLink" ? httpLink(http) : httpBatchLink(http),
        }),
      ],
    });

    const [first, second] = await Promise.all([
      trpc.submit.mutate({ kind: "judge", input: submission("accepted-sum") }),
      trpc.submit.mutate({ kind: "judge", input: submission("wrong-answer") }),
    ]);
    const verdicts = await Promise.all([first, second].map(({ id, token }) => verdictOf(id, token)));
    await socket.close();

    expect(verdicts).toEqual(["accepted", "wrong_answer"]);

    function verdictOf(id: string, token: string): Promise<string> {
      return new Promise((resolve, reject) => {
        let verdict = "none";
        trpc.onStatus.subscribe(
          { id, token },
          {
            onData: ({ data }) => {
              if (data.status === "completed") verdict = data.output.verdict;
            },
            onError: reject,
            onComplete: () => resolve(verdict),
          },
        );
      });
    }
  },
);
