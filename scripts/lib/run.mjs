import { spawn } from "node:child_process";

/**
 * Runs a command with our own stdin, stdout and stderr, and resolves with its exit code, or with 1 if a signal ended it
 * or it could not be started. The terminal sends Ctrl-C to the command too, and SIGTERM is forwarded. This process
 * keeps running until the command has ended.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {import("node:child_process").SpawnOptions} [options]
 * @returns {Promise<number>}
 */
export function run(command, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: "inherit", ...options });
    // A command in its own process group does not receive Ctrl-C, and may have children.
    const handOn = () => (options.detached ? process.kill(-(child.pid ?? 0), "SIGTERM") : child.kill("SIGTERM"));
    const stay = options.detached ? handOn : () => {};
    process.on("SIGINT", stay).on("SIGTERM", handOn);
    // `npm start` puts a shell between npm and us that does not forward SIGTERM. When it ends, our parent process
    // changes.
    const { ppid } = process;
    const orphaned = setInterval(() => {
      if (process.ppid === ppid) return;
      clearInterval(orphaned);
      handOn();
    }, 500);
    const finish = (code) => {
      process.off("SIGINT", stay).off("SIGTERM", handOn);
      clearInterval(orphaned);
      resolve(code);
    };
    child.once("error", (error) => {
      console.error(`${command} could not be started: ${error.message}`);
      finish(1);
    });
    child.once("exit", (code) => finish(code ?? 1));
  });
}

/**
 * Runs a command without showing its output, and resolves with its exit code and its output.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {import("node:child_process").SpawnOptions} [options]
 * @returns {Promise<{ code: number, output: string }>}
 */
export function capture(command, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    const keep = (data) => {
      output += data;
    };
    child.stdout.setEncoding("utf8").on("data", keep);
    child.stderr.setEncoding("utf8").on("data", keep);
    child.once("error", (error) => resolve({ code: 1, output: `${command} could not be started: ${error.message}` }));
    child.once("close", (code) => resolve({ code: code ?? 1, output }));
  });
}
