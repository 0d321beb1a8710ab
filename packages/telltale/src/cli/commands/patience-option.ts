import { Option } from "@commander-js/extra-typings";
import { duration } from "../option-parsers.js";

/** `--patience`, for commands that watch. */
export function patienceOption() {
  return new Option("--patience <duration>", "how long to wait for a connection")
    .argParser(duration)
    .default(60_000, "60s");
}
