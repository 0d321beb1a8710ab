import { createTRPCClient, createWSClient, retryLink, wsLink } from "@trpc/client";
import { TRPCError } from "@trpc/server";
import { ERROR_CODES, TelltaleError, transformer } from "telltale";
import { toTelltaleError } from "telltale/client";
import { expect, onTestFinished, test } from "vitest";
import { WebSocket } from "ws";
import { JUDGE_ID } from "./contracts.js";
import { status } from "./frames.js";
import { type App, startJobsServer } from "./jobs-server.js";
import { isTrpcFrom } from "./trpc-version.js";

test("a subscription of tRPC's own client resumes after an error that a retry can fix, with a retryLink as in the docs", async ({
  skip,
}) => {
  skip(!isTrpcFrom(11, 25), "the retryLink of older versions does not resume subscriptions over WebSockets");
  const cursors: unknown[] = [];
  await using server = await startJobsServer({
    onStatus: async function* ({ input }) {
      cursors.push(input.lastEventId);
      if (cursors.length === 1) {
        yield status(1, "queued");
        throw new TRPCError({ code: "SERVICE_UNAVAILABLE", cause: new TelltaleError("redis_unavailable") });
      }
      yield status(2, "completed");
    },
  });
  const webSocket = createWSClient({
    url: `${server.url.replace("http", "ws")}/trpc`,
    WebSocket: WebSocket as never,
  });
  onTestFinished(() => webSocket.close());
  const trpc = createTRPCClient<App>({
    links: [
      retryLink({
        retry: ({ op, error }) => op.type === "subscription" && ERROR_CODES[toTelltaleError(error).code].retry,
        retryDelayMs: () => 0,
      }),
      wsLink({ client: webSocket, transformer }),
    ],
  });

  const seen: unknown[] = [];
  await new Promise<void>((resolve, reject) => {
    trpc.onStatus.subscribe(
      { id: JUDGE_ID },
      { onData: ({ id }) => seen.push(id), onComplete: () => resolve(), onError: reject },
    );
  });

  expect(seen).toEqual([expect.stringMatching(/:1\.0$/), expect.stringMatching(/:2\.0$/)]);
  expect(cursors).toEqual([undefined, seen[0]]);
});
