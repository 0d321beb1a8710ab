import { fstatSync } from "node:fs";

// Preloaded into the processes of tests (`node --import`). Their stdin is a pipe that closes when the test's process ends in any
// way, including SIGKILL. They are then killed, because a process under test may not react to SIGTERM. Processes that they fork
// inherit this preload, but may have another stdin, such as /dev/null, which has an end from the start.
const stdin = fstatSync(0);
if (stdin.isSocket() || stdin.isFIFO()) {
  const kill = () => process.kill(process.pid, "SIGKILL");
  process.stdin.once("end", kill).once("error", kill).resume();
  // The pipe must not keep the process alive.
  process.stdin.unref?.();
}
