import { Command } from "@commander-js/extra-typings";
import { TelltaleError } from "@telltale/core";
import { SignJWT } from "jose";
import { EXIT } from "../exit-code.js";
import { jsonLine } from "../json-line.js";
import { duration } from "../option-parsers.js";
import { runLocally } from "../run-command.js";

const MIN_SECRET = 32;

const EXAMPLES = `
Examples, with a local stack whose operator you want to be:
  export AUTH_SECRET=$(openssl rand -hex 32)
  npm start                                                     # in one terminal
  export TELLTALE_TOKEN=$(telltale token --operator)            # in another, with the same AUTH_SECRET
  telltale queues

It signs (HS256) with AUTH_SECRET as the server has it, and asks nobody. A server without AUTH_SECRET knows no operators,
on loopback neither; one with it takes anonymous sessions only with ALLOW_ANONYMOUS=1.`;

/** `telltale token` */
export function tokenCommand() {
  const command = new Command("token")
    .description("sign a token for somebody, with AUTH_SECRET")
    .option("--operator", "who may see and act on everything")
    .option("--subject <name>", "who it is for", "cli")
    .option("--expires <duration>", "how long it is good for", duration, 8 * 3_600_000)
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
