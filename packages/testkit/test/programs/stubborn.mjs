process.on("SIGTERM", () => {});
setInterval(() => {}, 1_000);
console.log("ready");
