// Preloaded into every child (`node --import`): its stdin is a pipe that nobody writes to and that ends when the
// supervisor is gone, however it went. A stack whose supervisor was killed then drains instead of running on unseen.
process.stdin.resume();
process.stdin.once("end", () => process.kill(process.pid, "SIGTERM"));
process.stdin.once("error", () => process.kill(process.pid, "SIGTERM"));
// The pipe alone keeps no child alive.
if ("unref" in process.stdin && typeof process.stdin.unref === "function") process.stdin.unref();
