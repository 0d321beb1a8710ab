// Exits with 0 if the server of this container answers. Not whether Redis does: restarting the server would not bring it back.
const answer = await fetch(`http://127.0.0.1:${process.env.PORT ?? 3_000}/healthz`, {
  signal: AbortSignal.timeout(2_000),
}).catch(() => null);
process.exit(answer?.ok ? 0 : 1);
