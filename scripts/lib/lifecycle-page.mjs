/** Maintenance actions, whose scripts are in a separate folder. */
const UPKEEP = new Set(["promote", "reclaim", "expire", "condemn", "prune"]);

/**
 * Returns the text of docs/lifecycle.md, generated from the lifecycle table of the engine.
 *
 * @param {Record<string, { from: readonly string[], to: readonly string[], marks?: readonly string[], by: string }>} lifecycle
 * @returns {string}
 */
export function lifecyclePage(lifecycle) {
  const rows = Object.entries(lifecycle);
  const words = (statuses) => statuses.map((status) => (status === "none" ? "(none)" : status)).join(", ");
  const table = rows.map(([action, { from, to, marks = [], by }]) => {
    const marked = marks.length > 0 ? `; ${words(marks)} is only marked` : "";
    return `| [${action}](../${scriptPath(action)}) | ${words(from)} | ${words(to)}${marked} | ${by} |`;
  });
  const edges = rows.flatMap(([action, { from, to }]) =>
    from.flatMap((source) => to.map((target) => `    ${state(source)} --> ${state(target)}: ${action}`)),
  );
  return `# The lifecycle of a job

<!-- Written by scripts/generate-lifecycle.mjs from packages/telltale/src/core/contract/lifecycle.ts; test/lifecycle-page.test.ts holds it current. -->

A job has one status at a time. The table lists all transitions, and each row is one Lua script. No other transition can
happen: \`packages/telltale/test/queue/lifecycle.test.ts\` tries every action on every status.

| action | from | to | by |
|---|---|---|---|
${table.join("\n")}

- **completed, failed, cancelled** end a round. Only \`rerun\` leaves them, and it starts the next round.
- **retrying** waits for its backoff. A job is *failed* only when it is not retried any more.
- \`promote\` happens automatically when a job is due. An operator can start one job early with
  [run-now](../packages/telltale/src/queue/scripts/upkeep/run-now.lua), and delete one job with
  [remove](../packages/telltale/src/queue/scripts/upkeep/remove.lua), which is \`prune\` for one job.
- \`claim\` and \`reclaim\` increase the fence. \`complete\`, \`fail\` and \`release\` require the latest fence. \`release\` costs no
  attempt. If it is given a delay, the job is \`scheduled\` for that long.

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
