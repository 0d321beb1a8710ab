import { connect } from "node:net";

/** "loading": the server answers, but is still loading its data. "silent": nothing answered in time. */
export type PingAnswer = "ready" | "loading" | "silent";

/** Pings the server on a unix socket, without a client library. Never rejects. */
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
      // Any other reply, such as -NOAUTH from a server with a password, comes from a server that is up.
      settle(reply.startsWith("-LOADING") ? "loading" : "ready");
    });
    socket.write("PING\r\n");
  });
}
