import type { AnyTRPCMutationProcedure, TRPCDefaultErrorShape, TRPCMutationProcedure } from "@trpc/server";

/** A mutation procedure of a jobs router. */
export type JobsMutation<I, O> = TRPCMutationProcedure<{
  input: I;
  output: O;
  meta: object;
  errorShape: TRPCDefaultErrorShape;
}>;

/**
 * Returns the mutation with an explicit input type. tRPC would infer a conditional type. From our declaration files, the compiler
 * would then check each member of the input union against the whole union, which costs the square of the number of kinds.
 * `npm run type-cost` measures it.
 */
export function jobsMutation<I, O>(mutation: JobsMutation<unknown, O>): JobsMutation<I, O>;
export function jobsMutation(mutation: AnyTRPCMutationProcedure): AnyTRPCMutationProcedure {
  return mutation;
}
