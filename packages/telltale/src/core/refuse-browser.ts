import { TelltaleError } from "./errors/error.js";

/** Throws `invalid_config`. Called by entry points that need Node.js but were bundled for a browser. */
export function refuseBrowser(entryPoint: string): never {
  throw new TelltaleError(
    "invalid_config",
    `${entryPoint} needs Node.js and was bundled for a browser. In a browser, import telltale/client, and contracts from ` +
      `telltale. Import types from ${entryPoint} with \`import type\``,
  );
}
