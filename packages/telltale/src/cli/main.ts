#!/usr/bin/env node
import { CommanderError } from "@commander-js/extra-typings";
import { EXIT } from "./exit-code.js";
import { createProgram } from "./program.js";

// `telltale list | head`: the reader has enough. As a shell says of a command that SIGPIPE ended.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  process.exit(error.code === "EPIPE" ? 141 : EXIT.failed);
});

// Nobody hears what went wrong; the exit code tells it all the same.
process.stderr.on("error", () => {});

try {
  // pnpm hands the two dashes of `pnpm start -- list` on.
  const [node = "", script = "", ...given] = process.argv;
  const args = given[0] === "--" ? given.slice(1) : given;
  await createProgram().parseAsync([node, script, ...args]);
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? EXIT.done : EXIT.usage;
}
