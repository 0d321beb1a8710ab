// Preloaded into every child (`node --import`). The child's stdin is a pipe that is never written to and that closes
// when the supervisor ends in any way. So if the supervisor is killed, its children shut down gracefully too.
process.stdin.resume();
process.stdin.once("end", () => process.kill(process.pid, "SIGTERM"));
process.stdin.once("error", () => process.kill(process.pid, "SIGTERM"));
// The pipe must not keep the child alive.
if ("unref" in process.stdin && typeof process.stdin.unref === "function") process.stdin.unref();
