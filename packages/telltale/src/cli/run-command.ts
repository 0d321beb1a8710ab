import { z } from "zod";
import { type Connection, connect } from "./connection.js";
import { failureOf } from "./failure.js";
import { type Screen, screenOf } from "./screen.js";

/** The options every command takes. */
const CommonOptions = z.object({ url: z.string(), token: z.string().optional(), json: z.boolean().default(false) });

/** What a command works with. */
export interface Context {
  readonly connection: Connection;
  readonly screen: Screen;
  /** Whether programs read what is said. */
  readonly json: boolean;
  /** Says something to people beside what was asked for. */
  note(text: string): void;
}

/** A command as its options are read from it. */
export type Options = Readonly<{ optsWithGlobals: () => unknown }>;

/** Runs what a command does on a connection, tells its failure in a line on stderr, and sets the exit code. */
export function runCommand(command: Options, work: (context: Context) => Promise<number>): Promise<void> {
  return runLocally(command, async (context, { url, token }) => {
    // An empty variable counts as not set.
    await using connection = await connect({ url, token: token || undefined });
    return await work({ ...context, connection });
  });
}

/** The same for a command that asks no server. */
export async function runLocally(
  command: Options,
  work: (context: Omit<Context, "connection">, options: z.infer<typeof CommonOptions>) => Promise<number>,
): Promise<void> {
  const options = CommonOptions.parse(command.optsWithGlobals());
  const { json, url } = options;
  const note = (text: string): void => {
    if (!json) process.stderr.write(`${text}\n`);
  };
  try {
    process.exitCode = await work({ screen: screenOf(process.stdout), json, note }, options);
  } catch (error) {
    const { text, exitCode } = failureOf(error, { json, url });
    process.stderr.write(`${text}\n`);
    process.exitCode = exitCode;
  }
}
