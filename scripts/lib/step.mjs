const TAIL_LINES = 40;

/**
 * Runs one step and prints its title and its duration. If it fails, prints the end of its output and exits with its
 * code.
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
  console.error(`\n${title} failed (exit code ${code}). The end of its output is above.`);
  process.exit(code);
}
