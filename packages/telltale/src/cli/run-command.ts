import { failureOf } from "./failure.js";
import { type Screen, screenOf } from "./output/screen.js";
import { type Connection, connect } from "./server/connection.js";
import { chooseRouter, keepRouter, withRouterHint } from "./server/router-choice.js";

/** The options of all commands. */
export interface CommonOptions {
  readonly url: string;
  readonly token?: string | undefined;
  /** `false` means --no-router. */
  readonly router?: string | false | undefined;
  readonly json?: boolean | undefined;
}

/** The environment of a command. */
export interface Context {
  readonly connection: Connection;
  readonly screen: Screen;
  /** Whether --json is set. */
  readonly json: boolean;
  /** Prints a note to stderr, apart from the result. */
  note(text: string): void;
}

/** The part of a command that its options are read from. */
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

/** Like `runCommand`, for a command that does not need a server. */
export async function runLocally(
  command: Options,
  work: (context: Omit<Context, "connection">, options: CommonOptions) => Promise<number>,
): Promise<void> {
  // Commander's types do not include global options in a subcommand. They are declared in program.ts.
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
