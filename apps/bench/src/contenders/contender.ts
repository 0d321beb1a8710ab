/** The products that are compared, and the floors: what the same Redis or sockets take without any product. */
export const CONTENDERS = {
  telltale: { label: "Telltale", package: "telltale" },
  bullmq: { label: "BullMQ", package: "bullmq" },
  "bee-queue": { label: "bee-queue", package: "bee-queue" },
  ioredis: { label: "ioredis", package: "ioredis" },
  ws: { label: "ws", package: "ws" },
  "socket.io": { label: "socket.io", package: "socket.io" },
  trpc: { label: "plain tRPC", package: "@trpc/server" },
} as const;

export type Contender = keyof typeof CONTENDERS;

/** Those that promise nothing. A row that one of them wins is not a peer's. */
export const FLOORS: readonly Contender[] = ["ioredis", "ws"];

export const isContender = (name: string): name is Contender => Object.hasOwn(CONTENDERS, name);
