import { setTimeout as delay } from "node:timers/promises";
import type { Random } from "../random.js";
import type { Member } from "../stack/member.js";
import { LEASE_MS } from "../work.js";
import type { Nemesis } from "./nemesis.js";

const PAST_LEASE_MS = LEASE_MS + 900;

function anyOf(members: readonly Member[], random: Random): Member {
  const member = members[random.between(0, members.length - 1)];
  if (!member) throw new Error("There is no process to strike");
  return member;
}

async function end(member: Member, signal: "SIGKILL" | "SIGTERM"): Promise<void> {
  member.signal(signal);
  await member.restarted();
}

/** What can happen to workers and servers. */
export const PROCESS_FAULTS: readonly Nemesis[] = [
  {
    name: "worker-kill",
    target: "workers",
    silences: false,
    strike: ({ stack, random }) => end(anyOf(stack.workers, random), "SIGKILL"),
  },
  {
    name: "worker-stop",
    target: "workers",
    silences: false,
    strike: async ({ stack, random }) => {
      const worker = anyOf(stack.workers, random);
      worker.signal("SIGSTOP");
      await delay(PAST_LEASE_MS);
      worker.signal("SIGCONT");
    },
  },
  {
    name: "worker-block",
    target: "workers",
    silences: false,
    strike: async ({ load }) => {
      load.submitBlocking(PAST_LEASE_MS);
      load.submitBlocking(PAST_LEASE_MS);
      await delay(PAST_LEASE_MS);
    },
  },
  {
    name: "worker-roll",
    target: "workers",
    silences: false,
    strike: async ({ stack }) => {
      for (const worker of stack.workers) await end(worker, "SIGTERM");
    },
  },
  {
    name: "server-kill",
    target: "servers",
    silences: false,
    strike: ({ stack, random }) => end(anyOf(stack.servers, random), "SIGKILL"),
  },
  {
    name: "server-roll",
    target: "servers",
    silences: false,
    strike: async ({ stack }) => {
      for (const server of stack.servers) await end(server, "SIGTERM");
    },
  },
  {
    name: "server-stop",
    target: "servers",
    silences: true,
    strike: async ({ stack, random }) => {
      const server = anyOf(stack.servers, random);
      server.signal("SIGSTOP");
      await delay(2_000);
      server.signal("SIGCONT");
    },
  },
];
