import type { CheckName } from "./checks.js";

/** A fault to plant in a script, and the check that must notice it. */
export interface Mutant {
  /** What would be wrong, as a person on call would say it. */
  readonly name: string;
  /** The guarantee it breaks, as ARCHITECTURE and docs/protocol number them. */
  readonly guarantee: `G${number}`;
  /** The script, or shared file as `lib/<name>`, without `.lua`. */
  readonly file: string;
  /** Text that occurs in the file exactly once. */
  readonly find: string;
  readonly replace: string;
  /** The model, or a check for what the model does not cover. */
  readonly killedBy: "model" | "model of limits" | CheckName;
}
