import { TelltaleError } from "./errors/error.js";

/** Throws, where a bundle for browsers holds an entry point that needs Node.js. */
export function refuseBrowser(entryPoint: string): never {
  throw new TelltaleError(
    "invalid_config",
    `${entryPoint} needs Node.js and was bundled for a browser. In a browser import telltale/client, and contracts from ` +
      `telltale; take types from ${entryPoint} with \`import type\``,
  );
}
