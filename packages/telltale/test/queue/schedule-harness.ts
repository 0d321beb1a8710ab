import type { Logger } from "telltale";
import { ScheduleFiring } from "../../src/queue/schedules/schedule-firing.js";
import { type Harness, resize } from "./harness.js";

export const SECOND = 1_000;
export const MINUTE = 60_000;
export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
/** The time at which the harness's clock starts. */
export const START = Date.UTC(2026, 0, 1);

/** Every night at three, UTC. */
export const nightly = { job: resize, input: { width: 1 }, cron: "0 3 * * *" } as const;

/** The schedules part of one worker's maintenance, and its log. */
export function firing(
  { telltale }: Pick<Harness, "telltale">,
  queue = "resize",
): { readonly fireDue: () => Promise<number | null>; readonly logged: readonly (readonly [string, object, string])[] } {
  const logged: [string, object, string][] = [];
  const at = (level: string) => (data: object, message: string) => void logged.push([level, data, message]);
  const logger: Logger = { debug: () => {}, info: at("info"), warn: at("warn"), error: at("error") };
  const schedules = new ScheduleFiring(telltale.$engine, queue, { logger });
  return { fireDue: () => schedules.fireDue(), logged };
}
