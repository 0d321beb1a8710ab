/** Ends a switch over a closed union: if a member of the union is not handled, this call does not compile. */
export function assertNever(value: never): never {
  throw new Error(`Unhandled value: ${String(value)}`);
}
