const TAIL_LINES = 40;

/**
 * Runs one step of the setup, with a line before and the seconds after it. When it fails, prints the end of what it said
 * and exits with its code: there is nothing to go on with.
 *
 * @param {string} title
 * @param {{ quiet: boolean }} options
 * @param {() => Promise<{ code: number, output: string }>} work
 */
export async function step(title, { quiet }, work) {
  const started = performance.now();
  if (!quiet) process.stdout.write(`${title} …`);
  const { code, output } = await work();
  if (!quiet) process.stdout.write(` ${((performance.now() - started) / 1000).toFixed(1)} s\n`);
  if (code === 0) return;

  console.error(output.trimEnd().split("\n").slice(-TAIL_LINES).join("\n"));
  console.error(`\n${title} failed (exit code ${code}); above is the end of what it printed.`);
  process.exit(code);
}
