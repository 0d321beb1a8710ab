/** Actions of maintenance, whose scripts have a folder of their own. */
const UPKEEP = new Set(["promote", "reclaim", "expire", "condemn", "prune"]);

/**
 * The text of docs/lifecycle.md, from the table that the engine is held to.
 *
 * @param {Record<string, { from: readonly string[], to: readonly string[], marks?: readonly string[], by: string }>} lifecycle
 * @returns {string}
 */
export function lifecyclePage(lifecycle) {
  const rows = Object.entries(lifecycle);
  const words = (statuses) => statuses.map((status) => (status === "none" ? "(none)" : status)).join(", ");
  const table = rows.map(([action, { from, to, marks = [], by }]) => {
    const marked = marks.length > 0 ? `; ${words(marks)} stays and is marked` : "";
    return `| [${action}](../${scriptPath(action)}) | ${words(from)} | ${words(to)}${marked} | ${by} |`;
  });
  const edges = rows.flatMap(([action, { from, to }]) =>
    from.flatMap((source) => to.map((target) => `    ${state(source)} --> ${state(target)}: ${action}`)),
  );
  return `# The lifecycle of a job

<!-- Written by scripts/generate-lifecycle.mjs from packages/telltale/src/core/contract/lifecycle.ts; test/lifecycle-page.test.ts holds it current. -->

A job is in one status at a time, and stands in the one place that goes with it. Each row is one Lua script; what no row
allows does not happen, which \`packages/telltale/test/queue/lifecycle.test.ts\` tries for every action on every status.

| action | from | to | by |
|---|---|---|---|
${table.join("\n")}

- **completed, failed, cancelled** end a round; only \`rerun\` leaves them, and opens the next.
- **retrying** waits for its backoff to pass. *Failed* is said of a job only when nothing more will be tried.
- \`promote\` happens by itself when the time has come; [run-now](../packages/telltale/src/queue/scripts/upkeep/run-now.lua) does the same for one job
  before its time, and [remove](../packages/telltale/src/queue/scripts/upkeep/remove.lua) is \`prune\` for one job, both by an operator.
- \`claim\` and \`reclaim\` raise the fence; \`complete\`, \`fail\` and \`release\` need the newest one. \`release\` costs no attempt; where
  it is told how long, the job waits as \`scheduled\` until then.

\`\`\`mermaid
stateDiagram-v2
${edges.join("\n")}
\`\`\`
`;
}

/** @param {string} action */
function scriptPath(action) {
  const folder = UPKEEP.has(action) ? "upkeep" : "lifecycle";
  return `packages/telltale/src/queue/scripts/${folder}/${action}.lua`;
}

const state = (status) => (status === "none" ? "[*]" : status);
