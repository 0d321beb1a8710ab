import { type AnyJob, TelltaleError } from "../../core/index.js";

/**
 * Upgrades a stored input to the newest version of its contract, one step per version. Does not validate the result.
 * Rejects with `invalid_input` if a step is missing or throws.
 */
export async function upgraded(contract: AnyJob, version: number, input: unknown): Promise<unknown> {
  let current = input;
  for (let from = version; from < contract.version; from++) {
    const step = contract.upgrade[from];
    if (!step) throw new TelltaleError("invalid_input", `There is no upgrade of ${contract.kind} from version ${from}`);
    try {
      // A step's parameter type is its author's claim about what that version stored; it cannot be checked here.
      current = await step(current as never);
    } catch (cause) {
      const message = `The upgrade of ${contract.kind} from version ${from} failed`;
      throw new TelltaleError("invalid_input", message, { cause });
    }
  }
  return current;
}
