#!/usr/bin/env node
import { CommanderError } from "@commander-js/extra-typings";
import { EXIT } from "./exit-code.js";
import { createProgram } from "./program.js";

// With `telltale list | head`, the reader closes the pipe. 141 is the exit code that shells use for SIGPIPE.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  process.exit(error.code === "EPIPE" ? 141 : EXIT.failed);
});

// If stderr is closed, error messages are lost, but the exit code still shows the failure.
process.stderr.on("error", () => {});

try {
  // pnpm passes on the `--` of `pnpm start -- list`.
  const [node = "", script = "", ...given] = process.argv;
  const args = given[0] === "--" ? given.slice(1) : given;
  await createProgram().parseAsync([node, script, ...args]);
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? EXIT.done : EXIT.usage;
}
