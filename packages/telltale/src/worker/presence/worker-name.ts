import { TelltaleError } from "../../core/index.js";
import { WORKER_NAME_PATTERN } from "../../core/internal.js";
import { hostName } from "./host-name.js";

const MOST = 64;

/** Returns the name of a worker, by default `<host name>-<pid>`. Throws `invalid_config` for one that cannot be a name. */
export function workerName(given: string | undefined, host?: string, pid = process.pid): string {
  if (given === undefined) {
    const end = `-${pid}`;
    return hostName(host).slice(0, MOST - end.length) + end;
  }
  if (typeof given === "string" && WORKER_NAME_PATTERN.test(given)) return given;
  const shown = JSON.stringify(String(given).slice(0, MOST));
  throw new TelltaleError(
    "invalid_config",
    `The worker's name ${shown} is invalid. Use 1 to ${MOST} characters from A-Z a-z 0-9 . _ -`,
  );
}
