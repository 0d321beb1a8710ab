// Loaded first in processes that a test starts (`node --import`). Their stdin is a pipe that closes when the test's process
// ends, even by SIGKILL. They then kill themselves with SIGKILL, because a process under test may not react to SIGTERM.
const kill = () => process.kill(process.pid, "SIGKILL");
process.stdin.once("end", kill).once("error", kill).resume();
// The pipe must not keep the process alive. `unref` exists on pipes, but not on files.
process.stdin.unref?.();
