import { type AnyJob, TelltaleError } from "../../core/index.js";

/**
 * A stored input as the newest version of its contract has it, one step a version; whether it fits is the schema's to say.
 * Rejects with `invalid_input` where a step is missing or throws.
 */
export async function upgraded(contract: AnyJob, version: number, input: unknown): Promise<unknown> {
  let current = input;
  for (let from = version; from < contract.version; from++) {
    const step = contract.upgrade[from];
    if (!step) throw new TelltaleError("invalid_input", `There is no upgrade of ${contract.kind} from version ${from}`);
    try {
      // What a step takes is its writer's word for what the contract of that version stored.
      current = await step(current as never);
    } catch (cause) {
      const message = `The upgrade of ${contract.kind} from version ${from} failed`;
      throw new TelltaleError("invalid_input", message, { cause });
    }
  }
  return current;
}
