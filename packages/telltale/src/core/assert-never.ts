/** Ends a switch over a closed union: a new member fails to compile here until somebody thinks about it. */
export function assertNever(value: never): never {
  throw new Error(`never: ${String(value)}`);
}
