/** Tests that depend on tRPC: of the gateway, the procedures, the client, and the wire format for other clients. */
export const TRPC_SUITE = [
  ...["gateway", "client", "trpc"].flatMap((module) => [
    `packages/telltale/src/${module}`,
    `packages/telltale/test/${module}`,
  ]),
  "test/vanilla-client.test.ts",
  "test/docs/wire-page.test.ts",
];

/** Tests that depend on Node: of every module except the scripts, which depend only on Redis. */
export const CORE_SUITE = [
  "packages/telltale/src",
  ...["client", "gateway", "trpc", "worker"].map((module) => `packages/telltale/test/${module}`),
  ...["submit", "watch", "resume", "hub-faults", "schedules"].map(
    (name) => `packages/telltale/test/queue/${name}.test.ts`,
  ),
  "test/vanilla-client.test.ts",
];

/** A few tests of each suite, which run for every change. */
export const SAMPLE = {
  trpc: [
    "packages/telltale/test/gateway/admission.test.ts",
    "packages/telltale/test/gateway/malformed.test.ts",
    "packages/telltale/test/client/watch.test.ts",
    "test/docs/wire-page.test.ts",
  ],
  node: [
    "packages/telltale/test/gateway/round-trip.test.ts",
    "packages/telltale/test/client/web-socket.test.ts",
    "packages/telltale/test/worker/running.test.ts",
  ],
};
