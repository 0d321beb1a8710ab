/** What depends on tRPC: the gateway, the procedures, the client, and the wire as other clients and the docs use it. */
export const TRPC_SUITE = [
  ...["gateway", "client", "trpc"].flatMap((module) => [
    `packages/telltale/src/${module}`,
    `packages/telltale/test/${module}`,
  ]),
  "test/vanilla-client.test.ts",
  "test/docs/wire-page.test.ts",
];

/** What depends on Node: every module of the library, without the tests of its scripts, which depend on Redis alone. */
export const CORE_SUITE = [
  "packages/telltale/src",
  ...["client", "gateway", "trpc", "worker"].map((module) => `packages/telltale/test/${module}`),
  ...["submit", "watch", "resume", "hub-faults", "schedules"].map(
    (name) => `packages/telltale/test/queue/${name}.test.ts`,
  ),
  "test/vanilla-client.test.ts",
];

/** A few of each, for every change. */
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
