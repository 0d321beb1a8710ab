/** A probe that is not answered for this long means that the connection is probably lost. */
const QUIET_MS = 500;
/** After this time without an answer, the connection is certainly not worth waiting for. */
const DEAD_MS = 3_000;

/** What to do with the result of a probe. */
export interface ProbeListener {
  readonly onQuiet: () => void;
  /** Something arrived after all. */
  readonly onAnswer: () => void;
  /** Nothing arrived. The socket should be dropped. */
  readonly onDead: () => void;
}

/** Sends a ping on an open WebSocket, and waits until anything arrives or the socket closes. */
export function probe(ws: WebSocket, { onQuiet, onAnswer, onDead }: ProbeListener): void {
  const quiet = setTimeout(onQuiet, QUIET_MS);
  const dead = setTimeout(() => {
    stop();
    onDead();
  }, DEAD_MS);
  const answered = (): void => {
    stop();
    onAnswer();
  };
  const stop = (): void => {
    clearTimeout(quiet);
    clearTimeout(dead);
    ws.removeEventListener("message", answered);
    ws.removeEventListener("close", stop);
  };
  ws.addEventListener("message", answered);
  ws.addEventListener("close", stop);
  ws.send("PING");
}
