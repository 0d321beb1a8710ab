import type { AnyTRPCMutationProcedure, TRPCDefaultErrorShape, TRPCMutationProcedure } from "@trpc/server";

/** A mutation procedure of a jobs router. */
export type PlainMutation<I, O> = TRPCMutationProcedure<{
  input: I;
  output: O;
  meta: object;
  errorShape: TRPCDefaultErrorShape;
}>;

/**
 * Returns the mutation with its input type as written. tRPC infers a conditional type, which our declaration files would make
 * the compiler check for each member of the input union against the whole union: a cost that grows with the square of the
 * number of kinds. `npm run type-cost` shows it.
 */
export function plainMutation<I, O>(mutation: PlainMutation<unknown, O>): PlainMutation<I, O>;
export function plainMutation(mutation: AnyTRPCMutationProcedure): AnyTRPCMutationProcedure {
  return mutation;
}
