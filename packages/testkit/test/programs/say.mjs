// Prints its environment, then runs until SIGTERM or fails, depending on its argument.
if (process.argv[2] === "fail") {
  console.error("it broke");
  process.exitCode = 3;
} else {
  process.on("SIGTERM", () => process.exit(0));
  setInterval(() => {}, 60_000);
}
console.log(`ready ${process.pid} ${process.env.GREETING ?? "no greeting"} ${process.env.REDIS_URL ?? "no redis"}`);
