import { setTimeout as delay } from "node:timers/promises";
import { nemesesNamed } from "../nemesis/catalogue.js";
import type { Nemesis } from "../nemesis/nemesis.js";

/** A row of the fault table. */
export interface Row {
  readonly fault: string;
  readonly nemesis: Nemesis;
}

const SUBMITS = 20;
const STRIKES_WITHIN_MS = 60;

/** The rows of the table, in order. Faults in which Redis may lose data strike while submits are in flight. */
export const ROWS: readonly Row[] = [
  row("worker crash", "worker-kill"),
  row("worker pause", "worker-stop"),
  row("worker block", "worker-block"),
  row("worker cut off", "worker-cut-off"),
  row("API crash before its reply", "server-kill-unanswered"),
  row("Redis crash", "redis-kill", amidstSubmits),
  row("power loss, same server restarted", "power-loss", amidstSubmits),
  row("failover on a healthy link", "failover", amidstSubmits),
  row("failover after a stalled link", "failover-stalled", amidstSubmits),
  row("Redis full", "redis-full"),
];

function row(fault: string, name: string, how = (nemesis: Nemesis): Nemesis => nemesis): Row {
  const [nemesis] = nemesesNamed([name]);
  if (!nemesis) throw new Error(`Unknown nemesis "${name}"`);
  return { fault, nemesis: how(nemesis) };
}

function amidstSubmits(nemesis: Nemesis): Nemesis {
  return {
    ...nemesis,
    strike: async (field) => {
      field.load.submitMany(SUBMITS);
      await delay(field.random.between(0, STRIKES_WITHIN_MS));
      await nemesis.strike(field);
    },
  };
}
