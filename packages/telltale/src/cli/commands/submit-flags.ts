import { Option } from "@commander-js/extra-typings";
import type { SubmitOptions } from "../../core/index.js";
import { type SubmitOption, submitOptions } from "../../core/internal.js";
import { duration, repeated } from "../option-parsers.js";

const FLAGS = new Map(
  submitOptions().flatMap(([name, option]) =>
    option.cli === null ? [] : [[name, flagOf(option, option.cli)] as const],
  ),
);

/** The command line flags for submit options. */
export function submitFlags(): Iterable<Option> {
  return FLAGS.values();
}

/** The submit options that were set by flags. */
export function readSubmitFlags(given: Readonly<Record<string, unknown>>): SubmitOptions {
  const said = [...FLAGS].map(([name, flag]) => [name, given[flag.attributeName()]]);
  // The parser of each flag returns the type of its option.
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
