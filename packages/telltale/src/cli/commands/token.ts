import { Command, Option } from "@commander-js/extra-typings";
import { TelltaleError } from "../../core/index.js";
import { EXIT } from "../exit-code.js";
import { duration } from "../option-parsers.js";
import { jsonLine } from "../output/json-line.js";
import { runLocally } from "../run-command.js";

const MIN_SECRET = 32;

const EXAMPLES = `
Examples, with AUTH_SECRET set to the same value as for the server:
  export TELLTALE_TOKEN=$(telltale token --operator)
  telltale queues

The token is a JWT, signed with HS256. This does not contact a server. It works
with servers that verify such JWTs with AUTH_SECRET, as the reference server
does; an app with its own login issues its own tokens.`;

/** `telltale token` */
export function tokenCommand() {
  const command = new Command("token")
    .description("sign a user token with AUTH_SECRET")
    .option("--operator", "the user may see and manage all jobs")
    .option("--subject <user>", "user id", "cli")
    .addOption(
      new Option("--expires <duration>", "how long the token is valid")
        .argParser(duration)
        .default(8 * 3_600_000, "8h"),
    )
    .addHelpText("after", EXAMPLES);
  command.action(({ operator, subject, expires }) =>
    runLocally(command, async ({ screen, json }) => {
      // Imported here, because no other command needs it.
      const { SignJWT } = await import("jose");
      const token = await new SignJWT(operator ? { role: "operator" } : {})
        .setProtectedHeader({ alg: "HS256" })
        .setSubject(subjectOf(subject))
        .setExpirationTime(Math.ceil((Date.now() + expires) / 1_000))
        .sign(new TextEncoder().encode(secretOf(process.env.AUTH_SECRET)));
      screen.line(json ? jsonLine({ token }) : token);
      return EXIT.done;
    }),
  );
  return command;
}

// During a key rotation there are two secrets. The first one signs, as on the server.
function secretOf(text = ""): string {
  const [secret = ""] = text.split(",").map((part) => part.trim());
  if (secret.length >= MIN_SECRET) return secret;
  throw new TelltaleError(
    "invalid_config",
    `AUTH_SECRET is missing or shorter than ${MIN_SECRET} characters. Set it to the server's AUTH_SECRET.`,
  );
}

function subjectOf(name: string): string {
  if (name !== "" && !name.startsWith("anon:")) return name;
  throw new TelltaleError(
    "invalid_config",
    "--subject must not be empty or begin with anon:, which marks anonymous sessions",
  );
}
