/** Ends a switch over a closed union. A new member of the union fails to compile here until the switch handles it. */
export function assertNever(value: never): never {
  throw new Error(`never: ${String(value)}`);
}
