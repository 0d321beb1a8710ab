import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./bin.mjs";

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/**
 * Returns the operator token of a stack that `npm start` runs from this folder, if the command line addresses that
 * stack. Returns undefined for any other server, and if the caller provides a token.
 *
 * @param {readonly string[]} args the command line of `telltale`
 * @param {NodeJS.ProcessEnv} env
 * @returns {string | undefined}
 */
export function localOperatorToken(args, env) {
  // An empty TELLTALE_TOKEN asks for an anonymous session.
  if (env.TELLTALE_TOKEN !== undefined || optionOf(args, "--token") !== undefined) return undefined;
  try {
    const { protocol, hostname, port } = new URL(
      optionOf(args, "--url") || env.TELLTALE_URL || "http://127.0.0.1:3000",
    );
    if (protocol !== "http:" || !LOOPBACK.test(hostname)) return undefined;
    const stack = JSON.parse(readFileSync(join(root, `.telltale/stack-${port || 80}.json`), "utf8"));
    // Throws if the process does not exist: a killed stack leaves its file behind.
    process.kill(stack.pid, 0);
    return stack.token ?? undefined;
  } catch {
    return undefined;
  }
}

/** The value of an option, written `--name value` or `--name=value`. */
function optionOf(args, name) {
  const at = args.findIndex((arg) => arg === name || arg.startsWith(`${name}=`));
  if (at < 0) return undefined;
  return args[at] === name ? (args[at + 1] ?? "") : args[at].slice(name.length + 1);
}
