import type { AnyTRPCMutationProcedure, TRPCDefaultErrorShape, TRPCMutationProcedure } from "@trpc/server";

/** A mutation procedure of a jobs router. */
export type JobsMutation<I, O> = TRPCMutationProcedure<{
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
export function jobsMutation<I, O>(mutation: JobsMutation<unknown, O>): JobsMutation<I, O>;
export function jobsMutation(mutation: AnyTRPCMutationProcedure): AnyTRPCMutationProcedure {
  return mutation;
}
