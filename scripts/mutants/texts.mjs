// A plugin of Stryker. Leaves out mutants in texts for people: messages of errors, and the arguments of log lines. Tests that
// compare every word of them would only repeat them.

const LOG_LEVELS = new Set(["debug", "info", "warn", "error"]);
const ERRORS = new Set(["TelltaleError", "TRPCError", "Error", "RangeError", "TypeError"]);

export const strykerPlugins = [{ kind: "Ignore", name: "texts", value: { shouldIgnore } }];

/**
 * Returns why the mutants in a part of a file are left out, or undefined.
 *
 * @param {object} path A `NodePath` of Babel.
 * @returns {string | undefined}
 */
function shouldIgnore({ node, parent, listKey, key }) {
  if (listKey === "arguments" && parent.type === "NewExpression" && ERRORS.has(parent.callee.name)) {
    const at = parent.callee.name === "TelltaleError" ? 1 : 0;
    if (key === at && node.type !== "ObjectExpression") return "the message of an error";
  }
  if (node.type === "ObjectProperty" && node.key.name === "message") return "the message of an error";
  if (listKey === "arguments" && parent.type === "CallExpression" && isLogging(parent.callee)) return "a log line";
  return undefined;
}

function isLogging(callee) {
  return (
    callee.type === "MemberExpression" &&
    LOG_LEVELS.has(callee.property.name) &&
    /logger|sparing|trouble/i.test(nameOf(callee.object))
  );
}

// `logger`, `this.#logger` or `this.#options.logger`.
function nameOf(object) {
  if (object.type === "Identifier") return object.name;
  return object.type === "MemberExpression" ? String(object.property.name ?? object.property.id?.name) : "";
}
