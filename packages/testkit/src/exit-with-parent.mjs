// Preloaded into the processes of tests (`node --import`). Their stdin is a pipe that closes when the test's process ends in
// any way, also by SIGKILL. They are killed then, because a process under test may not react to SIGTERM.
const kill = () => process.kill(process.pid, "SIGKILL");
process.stdin.once("end", kill).once("error", kill).resume();
// The pipe must not keep the process alive. `unref` exists on pipes, but not on files.
process.stdin.unref?.();
