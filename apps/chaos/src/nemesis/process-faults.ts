import { setTimeout as delay } from "node:timers/promises";
import { waitFor } from "@telltale/testkit";
import type { Random } from "../random.js";
import type { Member } from "../stack/member.js";
import { countJobs } from "../stack/read-records.js";
import { LEASE_MS } from "../work.js";
import type { Nemesis } from "./nemesis.js";

const UNANSWERED = 20;
const UNANSWERED_MS = 1_000;
const STRAY_WITHIN_MS = 5_000;
const PAST_LEASE_MS = LEASE_MS + 900;

function anyOf(members: readonly Member[], random: Random): Member {
  const member = members[random.between(0, members.length - 1)];
  if (!member) throw new Error("The stack has no process to stop");
  return member;
}

async function end(member: Member, signal: "SIGKILL" | "SIGTERM"): Promise<void> {
  member.signal(signal);
  await member.restarted();
}

/** Faults of workers and servers. */
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
    name: "stray-rejection",
    target: "workers",
    silences: false,
    strike: async ({ stack, load }) => {
      const startsOf = (): number => stack.workers.reduce((sum, { starts }) => sum + starts, 0);
      const before = startsOf();
      load.submitStray();
      // The job may be refused or cancelled.
      await waitFor(() => startsOf() > before, { timeoutMs: STRAY_WITHIN_MS }).catch(() => {});
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
    name: "server-kill-unanswered",
    target: "servers",
    silences: true,
    strike: async ({ stack, load }) => {
      const link = await stack.redis.link();
      // Before its first submit, a server needs replies from Redis, for the script and for the key that signs tokens.
      const atFirst = await countJobs(link);
      await waitFor(async () => (await countJobs(link)) > atFirst, { what: "the servers to take jobs" });
      const before = await countJobs(link);
      // Redis executes the commands, but the servers receive no replies.
      stack.serversLine.blackhole("down");
      load.submitMany(UNANSWERED);
      // If submits wait for a replica, the others queue up behind the one whose reply is held, and no job is added.
      await waitFor(async () => (await countJobs(link)) > before, { timeoutMs: UNANSWERED_MS }).catch(() => {});
      const ends = stack.servers.map((server) => end(server, "SIGKILL"));
      stack.serversLine.pass();
      await Promise.all(ends);
    },
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
