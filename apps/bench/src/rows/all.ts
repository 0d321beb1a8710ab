import { bytes } from "./bytes.js";
import { commands } from "./commands.js";
import { connections } from "./connections.js";
import { deepQueue } from "./deep-queue.js";
import { fanOut } from "./fan-out.js";
import { fourWorkers } from "./four-workers.js";
import { gateway, gatewayLoad } from "./gateway.js";
import { idle } from "./idle.js";
import { latency } from "./latency.js";
import { noop, noopAof, noopOne } from "./noop.js";
import { progress, progressRate } from "./progress.js";
import type { Row } from "./row.js";
import { submit, submitAof } from "./submit.js";
import { submitMany } from "./submit-many.js";
import { watchers } from "./watchers.js";

/** All rows, in the order in which they run. */
export const ROWS: readonly Row[] = [
  ...[submit, submitMany, noop, noopOne, latency, submitAof, noopAof],
  ...[gateway, gatewayLoad, progress, progressRate, fanOut, watchers, connections],
  ...[bytes, commands, idle, deepQueue, fourWorkers],
];
