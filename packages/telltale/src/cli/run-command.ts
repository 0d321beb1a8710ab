import { failureOf } from "./failure.js";
import { type Screen, screenOf } from "./output/screen.js";
import { type Connection, connect } from "./server/connection.js";
import { chooseRouter, keepRouter, withRouterHint } from "./server/router-choice.js";

/** The options every command takes. */
export interface CommonOptions {
  readonly url: string;
  readonly token?: string | undefined;
  /** `false` is --no-router. */
  readonly router?: string | false | undefined;
  readonly json?: boolean | undefined;
}

/** What a command works with. */
export interface Context {
  readonly connection: Connection;
  readonly screen: Screen;
  /** Whether a program reads the output. */
  readonly json: boolean;
  /** Tells people something beside the result, on stderr. */
  note(text: string): void;
}

/** A command as its options are read from it. */
export type Options = Readonly<{ optsWithGlobals: () => unknown }>;

/** Runs a command on a connection, prints an error as one line on stderr, and sets the exit code. */
export function runCommand(command: Options, work: (context: Context) => Promise<number>): Promise<void> {
  return runLocally(command, async (context, { url, token, router: given }) => {
    const router = await chooseRouter(url, given);
    // An empty variable counts as not set.
    await using connection = await connect({ url, token: token || undefined, router: router.name });
    try {
      const code = await work({ ...context, connection });
      if (!(await keepRouter(url, router))) context.note("The router name could not be remembered for later commands.");
      return code;
    } catch (error) {
      throw withRouterHint(error, url, router);
    }
  });
}

/** The same for a command that needs no server. */
export async function runLocally(
  command: Options,
  work: (context: Omit<Context, "connection">, options: CommonOptions) => Promise<number>,
): Promise<void> {
  // The types of commander do not reach a subcommand's global options; program.ts declares them.
  const options = command.optsWithGlobals() as CommonOptions;
  const { json = false, url } = options;
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
