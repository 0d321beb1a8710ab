import { hasCode } from "../core/index.js";
import { firstLine } from "../queue/index.js";
import type { Engine } from "../queue/internal.js";

/**
 * Declares what a jobs router uses Redis for, so that start-up checks those permissions too. If `$ready` was called before, checks again
 * and logs what is missing, because the application may not call it a second time.
 */
export function requirePermissions(engine: Engine, { makesSecret }: Readonly<{ makesSecret: boolean }>): void {
  const wasCalled = makesSecret ? engine.require("limits", "secret") : engine.require("limits");
  if (!wasCalled) return;
  engine.ready().catch((error: unknown) => {
    // Redis itself is waited for elsewhere.
    if (hasCode(error, "unsupported_redis")) engine.logger.error({ error: firstLine(error) }, "redis cannot be used");
  });
}
