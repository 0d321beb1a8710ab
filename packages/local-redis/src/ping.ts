import { connect } from "node:net";

/** "loading": the server answers, but is still reading its data back. "silent": nobody answered in time. */
export type PingAnswer = "ready" | "loading" | "silent";

/** Asks the server on a unix socket whether it serves, without a client library; never rejects. */
export function ping(socketPath: string, timeoutMs: number): Promise<PingAnswer> {
  return new Promise((resolve) => {
    const socket = connect(socketPath);
    const settle = (answer: PingAnswer): void => {
      socket.destroy();
      resolve(answer);
    };
    let reply = "";
    socket.setTimeout(timeoutMs, () => settle("silent"));
    socket.on("error", () => settle("silent"));
    socket.on("close", () => settle("silent"));
    socket.on("data", (data) => {
      reply += data.toString();
      if (!reply.includes("\r\n")) return;
      // Any other answer, such as -NOAUTH from a server configured with a password, comes from a server that is up.
      settle(reply.startsWith("-LOADING") ? "loading" : "ready");
    });
    socket.write("PING\r\n");
  });
}
