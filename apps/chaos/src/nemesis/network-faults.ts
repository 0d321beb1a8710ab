import { setTimeout as delay } from "node:timers/promises";
import type { TcpProxy } from "@telltale/testkit";
import { LEASE_MS } from "../work.js";
import type { Battlefield, Nemesis } from "./nemesis.js";

const DROPS = 15;
const DROP_EVERY_MS = 120;

function lineOf({ stack, random }: Battlefield): TcpProxy {
  return random.pick([stack.workersLine, stack.serversLine]);
}

async function drop(field: Battlefield, arm: (line: TcpProxy) => Promise<void>): Promise<void> {
  for (let time = 0; time < DROPS; time++) {
    // If there is no request, the next one is dropped, even if it comes after this fault.
    void arm(lineOf(field));
    await delay(DROP_EVERY_MS);
  }
}

/** Faults of the network between the processes. */
export const NETWORK_FAULTS: readonly Nemesis[] = [
  {
    name: "black-hole",
    target: "network",
    silences: true,
    strike: async (field) => {
      const line = lineOf(field);
      line.blackhole(field.random.pick(["both", "up", "down"]));
      await delay(3_000);
      line.pass();
    },
  },
  {
    name: "worker-cut-off",
    target: "network",
    silences: false,
    strike: async ({ stack }) => {
      stack.firstWorkersLine.blackhole();
      await delay(2 * LEASE_MS);
      stack.firstWorkersLine.pass();
    },
  },
  {
    name: "cut-redis",
    target: "network",
    silences: false,
    strike: async ({ stack, random }) => {
      for (let time = 0; time < 5; time++) {
        stack.workersLine.cutAll();
        stack.serversLine.cutAll();
        await delay(random.between(50, 400));
      }
    },
  },
  {
    name: "refuse-redis",
    target: "network",
    silences: true,
    strike: async (field) => {
      const line = lineOf(field);
      line.refuse();
      line.cutAll();
      await delay(1_500);
      line.pass();
    },
  },
  {
    name: "lost-replies",
    target: "network",
    silences: false,
    strike: (field) => drop(field, (line) => line.dropReplyOnce({ containing: "evalsha" })),
  },
  {
    name: "lost-requests",
    target: "network",
    silences: false,
    strike: (field) => drop(field, (line) => line.dropRequestOnce({ containing: "evalsha" })),
  },
  {
    name: "client-cut",
    target: "clients",
    silences: false,
    strike: async ({ stack, random }) => {
      for (let time = 0; time < 6; time++) {
        stack.front.cutAll();
        await delay(random.between(100, 500));
      }
    },
  },
  {
    name: "client-black-hole",
    target: "clients",
    silences: true,
    strike: async ({ stack, random }) => {
      stack.front.blackhole(random.pick(["both", "up", "down"]));
      await delay(2_000);
      stack.front.pass();
    },
  },
];
