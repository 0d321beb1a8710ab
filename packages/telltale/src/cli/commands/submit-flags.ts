import { Option } from "@commander-js/extra-typings";
import type { SubmitOptions } from "../../core/index.js";
import { type SubmitOption, type SubmitOptionName, submitOptions } from "../../core/internal.js";
import { duration, repeated } from "../option-parsers.js";

/** The flag of each option of a submit, with its help, or null for an option that has none. */
const TEXTS: Readonly<Record<SubmitOptionName, readonly [flag: string, help: string] | null>> = {
  priority: ["--priority <priority>", "jobs with a higher priority start first"],
  delay: ["--delay <duration>", "start the job no earlier than this from now: 30s, 10m, 2h"],
  runAt: null,
  startWithin: ["--start-within <duration>", "cancel the job if it does not start within this time after it is due"],
  tags: ["--tag <tag>", "label for finding the job; repeatable"],
  idempotencyKey: ["--key <key>", "idempotency key: repeating it returns the same job"],
  uniqueKey: ["--unique <key>", "reject the job if an unfinished job has this key"],
};

const FLAGS = new Map(
  submitOptions().flatMap(([name, option]) => {
    const texts = TEXTS[name];
    return texts ? [[name, flagOf(option, new Option(...texts))] as const] : [];
  }),
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

function flagOf(option: SubmitOption, flag: Option): Option {
  switch (option.is) {
    case "duration":
      return flag.argParser(duration);
    case "word":
      return flag.choices(option.words);
    case "tags":
      return flag.argParser(repeated);
    case "date":
    case "key":
      return flag;
  }
}
