import { Option } from "@commander-js/extra-typings";
import type { SubmitOptions } from "../../core/index.js";
import { type SubmitOption, submitOptions } from "../../core/internal.js";
import { duration, repeated } from "../option-parsers.js";

const FLAGS = new Map(
  submitOptions().flatMap(([name, option]) =>
    option.cli === null ? [] : [[name, flagOf(option, option.cli)] as const],
  ),
);

/** What can be said of a job on the command line: a flag for each option that has one. */
export function submitFlags(): Iterable<Option> {
  return FLAGS.values();
}

/** The options that were given as flags. */
export function readSubmitFlags(given: Readonly<Record<string, unknown>>): SubmitOptions {
  const said = [...FLAGS].map(([name, flag]) => [name, given[flag.attributeName()]]);
  // Each is of the type that its flag was read as.
  return Object.fromEntries(said.filter(([, value]) => value !== undefined)) as SubmitOptions;
}

type Flagged = Exclude<SubmitOption, { readonly cli: null }>;

function flagOf(option: Flagged, { flag: flags, help }: NonNullable<Flagged["cli"]>): Option {
  const flag = new Option(flags, help);
  switch (option.is) {
    case "duration":
      return flag.argParser(duration);
    case "word":
      return flag.choices(option.words);
    case "tags":
      return flag.argParser(repeated);
    case "key":
      return flag;
  }
}
