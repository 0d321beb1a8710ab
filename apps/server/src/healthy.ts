// Health check of the container: exits with 0 if the server answers. Does not check Redis, because restarting the
// server would not help Redis.
const answer = await fetch(`http://127.0.0.1:${process.env.PORT ?? 3_000}/healthz`, {
  signal: AbortSignal.timeout(2_000),
}).catch(() => null);
process.exit(answer?.ok ? 0 : 1);
