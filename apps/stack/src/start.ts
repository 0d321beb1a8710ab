import { fileURLToPath } from "node:url";
import colors from "picocolors";
import pretty from "pino-pretty";
import { wholeNumber } from "./settings.js";
import { startStack } from "./stack.js";

const log = pretty({
  colorize: colors.isColorSupported,
  ignore: "pid,hostname,name",
  messageFormat: "{name} {pid}: {msg}",
  translateTime: "SYS:HH:MM:ss",
  singleLine: true,
});

const stopping = new Promise<void>((resolve) => {
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
});

try {
  await using stack = await startStack({
    port: wholeNumber("PORT", { fallback: 3_000, min: 0, max: 65_535 }),
    workers: wholeNumber("WORKERS", { fallback: 2, min: 1, max: 64 }),
    dataDir: fileURLToPath(new URL("../../../.telltale/redis", import.meta.url)),
    watch: process.argv.includes("--watch"),
    onStep: (text) => console.log(colors.dim(text)),
    onLine: (line) => log.write(`${line}\n`),
  });
  console.log(`
${colors.bold(`Telltale is up at ${stack.url}`)}   (Ctrl-C stops it)

Try next:
  curl ${stack.url}/trpc/submit -H 'content-type: application/json' \\
    -d '{"json":{"kind":"judge","input":{"problem":"sum","language":"javascript","source":"const solve = ({ numbers }) => numbers.reduce((a, b) => a + b, 0)"}}}'
`);
  await stopping;
  console.log(colors.dim("Stopping …"));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
