import type { Logger } from "../../core/index.js";
import { silentLogger, stderrLogger } from "../../core/internal.js";
import type { LeaseThreadSettings } from "./lease-protocol.js";

/**
 * Returns the format in which the lease thread writes to stderr why it kills the process. The loggers of the main thread do not work
 * once it hangs.
 */
export function farewellFor(logger: Logger): LeaseThreadSettings["farewell"] {
  if (logger === silentLogger) return "none";
  return logger === stderrLogger ? "text" : "json";
}
