import { CONTENDERS, FLOORS } from "../contenders/contender.js";
import { ROWS } from "../rows/all.js";
import type { Figure } from "../rows/row.js";
import { CHARTS } from "./all-charts.js";
import { contendersIn } from "./charts.js";
import { inUnit } from "./in-unit.js";
import { PROMISES } from "./promises.js";
import { ratiosOf } from "./ratios.js";
import type { Results } from "./results.js";
import { targetOf, verdictOf } from "./verdict.js";

/** Returns docs/benchmarks.md. */
export function pageOf(results: Results): string {
  const figures = ROWS.flatMap((row) => row.figures).filter(({ name }) => results.figures[name]?.telltale);
  const behind = figures.filter((figure) => isBehindAPeer(figure, results));
  const ahead = figures.filter((figure) => !behind.includes(figure));
  const sections = [
    `# Benchmarks

Telltale beside other products: the same payloads, the same Redis, in one run. \`npm run bench\` writes this page.

${measuredOn(results)}`,
    section("Where a peer is ahead", behind, results),
    section("Where no peer is ahead", ahead, results),
    `## Charts\n\n${CHARTS.map(({ file, title }) => `![${title}](benchmarks/${file})`).join("\n\n")}`,
    `## What each product promises

The figures compare products that do not do the same for a job. Telltale runs with all its defaults, and has no faster mode that
promises less. The others have the settings that their documentation recommends for speed: BullMQ with \`removeOnComplete\`,
bee-queue with \`removeOnSuccess\` and without events and stored jobs where nobody waits for them. So they remove finished jobs at
once, where Telltale keeps them for 24 h.

${PROMISES}`,
    `## All rounds\n\nMedian (minimum to maximum) of the rounds. A ratio says how many times better Telltale is; below 1, the other is ahead.\n\n${allRounds(figures, results)}`,
    `## How it is measured

Each contender is a process of its own, bundled, with \`NODE_ENV=production\`. The first round warms up the processes and does not
count. In each round the contenders take turns, so other load on the machine affects all of them. Redis is a private
\`redis-server\` on a unix socket, without persistence except where a row says AOF.

${ROWS.map(({ name, method }) => `- \`${name}\`: ${method}`).join("\n")}${notesOf(results)}`,
    `## Run it

\`\`\`sh
npm run bench                        # all rows, in up to 20 minutes; writes this page
npm run bench -- --quick             # fewer jobs and rounds, in 3 minutes; writes nothing
npm run bench -- --only noop,latency # some rows
npm run bench -- --list              # the names of all rows
npm run bench -- --json              # the figures as JSON
npm run bench -- --check             # fails if a ratio is a quarter lower than the one on this page
\`\`\`

Absolute figures depend on the machine and on what else runs on it. Compare ratios. CI checks only what does not depend on the
clock: [Redis commands, script calls and bytes per job](../apps/bench/test/per-job.test.ts). What types cost the compiler is measured by
\`npm run type-cost\`.`,
  ];
  return `${sections.filter((text) => text !== "").join("\n\n")}\n`;
}

function measuredOn({ measured }: Results): string {
  const { machine, versions, rounds, isQuick, on } = measured;
  const named = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const quick = isQuick ? " This was a `--quick` run, with fewer jobs." : "";
  return `Measured on ${on}: ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GB, ${machine.system}, Node ${machine.node}, Redis ${machine.redis}; medians of ${rounds} rounds.${quick}

Versions: ${named.join(", ")}.`;
}

function isBehindAPeer(figure: Figure, results: Results): boolean {
  const measured = results.figures[figure.name] ?? {};
  const ours = measured.telltale?.median ?? Number.NaN;
  return contendersIn(measured).some((name) => {
    if (FLOORS.includes(name)) return false;
    const theirs = measured[name]?.median ?? Number.NaN;
    return figure.better === "higher" ? theirs > ours : theirs < ours;
  });
}

function section(title: string, figures: readonly Figure[], results: Results): string {
  if (figures.length === 0) return "";
  const lines = figures.map((figure) => {
    const measured = results.figures[figure.name] ?? {};
    const cell = (isFloor: boolean): string =>
      contendersIn(measured)
        .filter((name) => name !== "telltale" && FLOORS.includes(name) === isFloor)
        .map((name) => `${CONTENDERS[name].label} ${inUnit(measured[name]?.median ?? Number.NaN, figure.unit)}`)
        .join(", ") || "–";
    const ours = inUnit(measured.telltale?.median ?? Number.NaN, figure.unit);
    const verdict = verdictOf(figure, measured);
    const required = targetOf(figure, figure.required) || "–";
    const stretch = targetOf(figure, figure.stretch) || "–";
    const said = verdict === "none" ? "–" : verdict;
    return `| ${nameOf(figure)} | ${ours} | ${cell(false)} | ${cell(true)} | ${required} | ${stretch} | ${said} |`;
  });
  return `## ${title}\n\n| figure | Telltale | peers | floor | required | stretch | verdict |\n|---|---|---|---|---|---|---|\n${lines.join("\n")}`;
}

function allRounds(figures: readonly Figure[], results: Results): string {
  const lines = figures.flatMap((figure) => {
    const measured = results.figures[figure.name] ?? {};
    const ratios = ratiosOf(figure, measured);
    return contendersIn(measured).map((name, i) => {
      const { median, min, max } = measured[name] ?? { median: Number.NaN, min: Number.NaN, max: Number.NaN };
      const spread = `${inUnit(min, figure.unit)} to ${inUnit(max, figure.unit)}`;
      const first = i === 0 ? nameOf(figure) : "";
      return `| ${first} | ${CONTENDERS[name].label} | ${inUnit(median, figure.unit)} (${spread}) | ${ratios[name] ?? ""} |`;
    });
  });
  return `| figure | contender | median (minimum to maximum) | ratio |\n|---|---|---|---|\n${lines.join("\n")}`;
}

function nameOf({ title, unit }: Figure): string {
  return unit === "per s" ? `${title}, per s` : title;
}

function notesOf({ notes }: Results): string {
  const all = Object.entries(notes).flatMap(([row, texts]) => texts.map((text) => `- \`${row}\`: ${text}`));
  return all.length === 0 ? "" : `\n\nIn the run of this page:\n\n${all.join("\n")}`;
}
