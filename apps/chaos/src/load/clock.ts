import { waitFor } from "@telltale/testkit";
import { ERROR_CODES } from "telltale";
import { type Client, toTelltaleError } from "telltale/client";
import type { jobs, WorkInput } from "../work.js";

/** The name of the schedule of a run. */
export const SCHEDULE = "clock";
/** The owner of the jobs that it creates. */
export const CLOCK = "clock";

const EVERY = "1s";
const INPUT: WorkInput = { n: -1, ms: 20, failures: 0, isBroken: false, blockMs: 0 };
const WITHIN_MS = 30_000;

/** Sets a schedule that creates a job every second. Tries until it succeeds. */
export async function startClock(operator: Client<typeof jobs>): Promise<void> {
  const schedule = { name: SCHEDULE, kind: "work", input: INPUT, every: EVERY, owner: CLOCK };
  await tried(() => operator.$trpc.mutation("schedules.set", schedule));
}

/** Removes the schedule, also if its removal was already sent. Tries until it succeeds. */
export async function stopClock(operator: Client<typeof jobs>): Promise<void> {
  await tried(() => operator.$trpc.mutation("schedules.remove", { name: SCHEDULE }));
}

async function tried(call: () => Promise<unknown>): Promise<void> {
  const succeeds = async (): Promise<boolean> => {
    try {
      await call();
      return true;
    } catch (error) {
      const refusal = toTelltaleError(error);
      if (!ERROR_CODES[refusal.code].retry) throw refusal;
      return false;
    }
  };
  await waitFor(succeeds, { timeoutMs: WITHIN_MS, everyMs: 300, what: "a call about the schedule to succeed" });
}
