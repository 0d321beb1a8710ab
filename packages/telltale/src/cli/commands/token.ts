import { Command, Option } from "@commander-js/extra-typings";
import { SignJWT } from "jose";
import { TelltaleError } from "../../core/index.js";
import { EXIT } from "../exit-code.js";
import { jsonLine } from "../json-line.js";
import { duration } from "../option-parsers.js";
import { runLocally } from "../run-command.js";

const MIN_SECRET = 32;

const EXAMPLES = `
Examples, to be the operator of a local stack:
  (umask 077; openssl rand -hex 32 > ~/telltale.secret)   # once
  export AUTH_SECRET=$(cat ~/telltale.secret)             # in two terminals
  npm start                                               # in the one
  export TELLTALE_TOKEN=$(telltale token --operator)      # in the other
  telltale queues

It signs (HS256) with AUTH_SECRET as the server has it, and asks nobody. A
server without AUTH_SECRET has no operators, not on loopback either; one with it
takes anonymous sessions only with ALLOW_ANONYMOUS=1.`;

/** `telltale token` */
export function tokenCommand() {
  const command = new Command("token")
    .description("sign a token for somebody, with AUTH_SECRET")
    .option("--operator", "who may see and act on everything")
    .option("--subject <name>", "who it is for", "cli")
    .addOption(
      new Option("--expires <duration>", "how long it is good for").argParser(duration).default(8 * 3_600_000, "8h"),
    )
    .addHelpText("after", EXAMPLES);
  command.action(({ operator, subject, expires }) =>
    runLocally(command, async ({ screen, json }) => {
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

// Of two, while they are rotated, the first signs: the server's rule.
function secretOf(text = ""): string {
  const [secret = ""] = text.split(",").map((part) => part.trim());
  if (secret.length >= MIN_SECRET) return secret;
  throw new TelltaleError(
    "invalid_config",
    `AUTH_SECRET is not set to ${MIN_SECRET} characters or more, as the server has it`,
  );
}

function subjectOf(name: string): string {
  if (name !== "" && !name.startsWith("anon:")) return name;
  throw new TelltaleError("invalid_config", "A subject is not empty, and anon: is for anonymous sessions");
}
