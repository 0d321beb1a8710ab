import { bytes } from "./bytes.js";
import { commands } from "./commands.js";
import { deepQueue } from "./deep-queue.js";
import { fanOut } from "./fan-out.js";
import { fourWorkers } from "./four-workers.js";
import { idle } from "./idle.js";
import { latency } from "./latency.js";
import { noop, noopAof, noopOne } from "./noop.js";
import type { Row } from "./row.js";
import { submit, submitAof } from "./submit.js";
import { submitMany } from "./submit-many.js";

/** All rows, in the order in which they run. */
export const ROWS: readonly Row[] = [
  ...[submit, submitMany, noop, noopOne, latency, submitAof, noopAof],
  ...[bytes, commands, idle, deepQueue, fourWorkers, fanOut],
];
