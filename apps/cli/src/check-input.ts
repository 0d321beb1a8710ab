import { jobs } from "@telltale/contracts";
import { type AnyJob, invalidInput } from "@telltale/core";

/**
 * Holds an input to its contract before it is sent, where the contract is one of this repository's. Of any other kind only
 * the server knows. Throws `invalid_input` with the paths that do not fit.
 */
export function checkInput(kind: string, input: unknown): void {
  const contract: AnyJob | undefined = new Map<string, AnyJob>(Object.entries(jobs)).get(kind);
  const parsed = contract?.input.safeParse(input);
  if (parsed?.success === false) throw invalidInput(`The input does not fit the contract of ${kind}`, parsed.error);
}
