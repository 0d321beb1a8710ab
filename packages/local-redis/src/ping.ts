import { connect } from "node:net";

/** The result of a ping. "loading": the server answers, but is still loading its data. "silent": there was no answer in time. */
export type PingAnswer = "ready" | "loading" | "silent";

/** Sends a PING to the server on a unix socket, without a client library. Never rejects. */
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
      // Any other reply means that the server is up, for example -NOAUTH if it has a password.
      settle(reply.startsWith("-LOADING") ? "loading" : "ready");
    });
    socket.write("PING\r\n");
  });
}
