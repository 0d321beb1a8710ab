import { IS_FULL } from "@telltale/testkit";
import { harness, test } from "./harness.js";
import { holdToModel } from "./model-programs.js";

// `npm run chaos:model` asks for other sizes, and for a seed that failed.
const { TELLTALE_MODEL_RUNS, TELLTALE_MODEL_SEED } = process.env;
const RUNS = Number(TELLTALE_MODEL_RUNS ?? (IS_FULL ? 500 : 150));
const SEED = TELLTALE_MODEL_SEED === undefined ? undefined : Number(TELLTALE_MODEL_SEED);

test.for(["queue", "limits"] as const)(
  `after any of ${RUNS} programs of calls, including repeated calls, the queue equals its model: %s`,
  {
    // A program takes some 7 ms on two cores, and a failing one is tried again and again until it is short.
    timeout: 60_000 + RUNS * 100,
  },
  async (of, { server }) => {
    await using h = await harness(server.url);

    await holdToModel(h, { of, runs: RUNS, seed: SEED });
  },
);
