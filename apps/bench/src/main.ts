// Each contender is a process, and a process that ends with this one adds a listener.
process.setMaxListeners(64);

import { DESIGNS } from "./design/all.js";
import { HELP, type Options, parseOptions } from "./options.js";
import { droppedRatios } from "./report/check.js";
import { committedResults, writeResults } from "./report/results.js";
import { writePage } from "./report/write-page.js";
import { ROWS } from "./rows/all.js";
import type { Row } from "./rows/row.js";
import { runRows } from "./run-rows.js";

class UsageError extends Error {}

try {
  await main(optionsOf(process.argv.slice(2)));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`${error.message}\n\n${HELP}`);
  process.exitCode = 2;
}

async function main(options: Options): Promise<void> {
  if (options.help) return console.log(HELP);
  if (options.list) return list();
  if (options.page) return writePage(committedResults());
  if (options.names.length > 0) {
    for (const design of options.names.map(designOf)) await design.run();
    return;
  }
  const rows = options.only ? options.only.map(rowOf) : ROWS;
  const say = options.json ? console.error : console.log;
  const { results, failures } = await runRows(rows, { isQuick: options.quick, say });
  if (options.json) console.log(JSON.stringify(results, null, 2));
  if (failures.length > 0) {
    console.error(`${failures.length} of ${rows.length} rows failed:\n${failures.join("\n")}`);
    process.exitCode = 1;
  }
  if (options.check) {
    const figures = rows.flatMap((row) => row.figures);
    const dropped = droppedRatios(figures, { committed: committedResults(), now: results });
    for (const line of dropped) console.error(`dropped by more than a quarter: ${line}`);
    if (dropped.length > 0) process.exitCode = 1;
    else say("No ratio dropped by more than a quarter.");
  } else if (rows === ROWS && (!options.quick || options.write) && failures.length === 0) {
    writeResults(results);
    writePage(results);
    say("Wrote docs/benchmarks.md.");
  }
}

function optionsOf(args: readonly string[]): Options {
  try {
    return parseOptions(args);
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function rowOf(name: string): Row {
  const row = ROWS.find((one) => one.name === name);
  if (!row) throw new UsageError(`There is no row ${name}. See --list.`);
  return row;
}

function designOf(name: string): { run(): Promise<void> } {
  const design = DESIGNS[name];
  if (design) return design;
  const hint = ROWS.some((row) => row.name === name) ? ` Rows run with --only ${name}.` : " See --list.";
  throw new UsageError(`There is no benchmark ${name}.${hint}`);
}

function list(): void {
  console.log("Rows (--only NAME):");
  for (const { name, says } of ROWS) console.log(`  ${name.padEnd(20)} ${says}`);
  console.log("\nDesigns and limits (npm run bench -- NAME):");
  for (const [name, { says }] of Object.entries(DESIGNS)) console.log(`  ${name.padEnd(20)} ${says}`);
}
