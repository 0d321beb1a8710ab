import { ACCEPTED } from "./accepted.mjs";

const NOTICED = new Set(["Killed", "Timeout"]);
const MISSED = new Set(["Survived", "NoCoverage"]);

/**
 * Reads the report of Stryker. The score is the share of faults that a test noticed, in percent. Accepted ones count as missed.
 *
 * @param {{ files: Record<string, { source: string, mutants: readonly object[] }> }} report
 * @returns {{ score: number, text: string }}
 */
export function readReport({ files }) {
  const lines = [];
  const total = { noticed: 0, missed: 0 };
  const used = new Set();
  const missed = [];
  for (const [file, { source, mutants }] of Object.entries(files)) {
    const noticed = mutants.filter(({ status }) => NOTICED.has(status)).length;
    const left = mutants.filter(({ status }) => MISSED.has(status));
    total.noticed += noticed;
    total.missed += left.length;
    lines.push(`${percent(noticed, noticed + left.length)} %  ${noticed} of ${noticed + left.length}  ${file}`);
    for (const mutant of left) missed.push(described(mutant, { file, source, used }));
  }
  const score = percent(total.noticed, total.noticed + total.missed);
  const known = missed.filter(({ reason }) => reason !== undefined);
  const open = missed.filter(({ reason }) => reason === undefined);
  if (known.length > 0)
    lines.push("", "Not noticed, and accepted:", ...known.map(({ text, reason }) => `${text}\n    ${reason}`));
  if (open.length > 0) lines.push("", "Not noticed:", ...open.map(({ text }) => text));
  const stale = ACCEPTED.filter((one) => files[one.file] !== undefined && !used.has(one));
  if (stale.length > 0)
    lines.push(
      "",
      "In scripts/mutants/accepted.mjs, but noticed or gone:",
      ...stale.map(({ file, code }) => `  ${file}  ${code}`),
    );
  lines.push(
    "",
    `${score} % of ${total.noticed + total.missed} faults were noticed. Of the others, ${known.length} are accepted and ${open.length} are not.`,
  );
  return { score, text: lines.join("\n") };
}

function described({ location, mutatorName, replacement = "" }, { file, source, used }) {
  const { start, end } = location;
  const all = source.split("\n");
  const code = all[start.line - 1]?.trim() ?? "";
  const from = start.line === end.line ? all[start.line - 1]?.slice(start.column - 1, end.column - 1) : `${code} …`;
  const accepted = ACCEPTED.find(
    (one) => one.file === file && one.code === code && (one.to === undefined || one.to === oneLine(replacement)),
  );
  if (accepted) used.add(accepted);
  const text = `  ${file}:${start.line}:${start.column}  ${mutatorName}\n    ${code}\n    ${oneLine(from ?? "")}  →  ${oneLine(replacement)}`;
  return { text, reason: accepted?.reason };
}

function oneLine(text) {
  return text.replace(/\s+/g, " ").trim();
}

function percent(part, whole) {
  return whole === 0 ? 100 : Math.round((1_000 * part) / whole) / 10;
}
