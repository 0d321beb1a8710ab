import { once } from "node:events";
import { connect } from "node:net";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import type { Redis } from "ioredis";

const SCRIPT_CALLS = ["eval", "evalsha", "fcall"];
/** What this connection itself sends. */
const OURS = ["info", "config|resetstat"];
/** A line of MONITOR: time, database and address, and the command. The address of a script is "lua". */
const SENT_BY_CLIENT = /^\+\d+\.\d+ \[\d+ (?!lua)/;

/** What Redis was asked, as its own statistics count it. */
export interface Traffic {
  /** All commands, those within scripts included. */
  readonly commands: number;
  readonly scriptCalls: number;
}

/** Counts what Redis executes while `work` runs. */
export async function trafficOf(redis: Redis, work: () => Promise<void>): Promise<Traffic> {
  await redis.config("RESETSTAT");
  await work();
  const info = await redis.info("commandstats");
  let [commands, scriptCalls] = [0, 0];
  for (const [, name = "", calls] of info.matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm)) {
    if (OURS.includes(name)) continue;
    commands += Number(calls);
    if (SCRIPT_CALLS.includes(name)) scriptCalls += Number(calls);
  }
  return { commands, scriptCalls };
}

/**
 * Counts the requests that clients send for a while. Commands within scripts are none. It reads MONITOR from a bare socket, because
 * ioredis fails if a line arrives before its own answer to the command.
 */
export async function requestsWithin(path: string, ms: number): Promise<number> {
  const socket = connect(path);
  await once(socket, "connect");
  let requests = 0;
  createInterface({ input: socket }).on("line", (line) => {
    if (SENT_BY_CLIENT.test(line)) requests++;
  });
  socket.write("MONITOR\r\n");
  await sleep(ms);
  socket.destroy();
  return requests;
}
