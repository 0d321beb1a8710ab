/** A whole number from the environment. Throws naming the variable when it is out of range. */
export function wholeNumber(name: string, range: Readonly<{ fallback: number; min: number; max: number }>): number {
  const text = process.env[name];
  if (text === undefined || text === "") return range.fallback;
  const value = Number(text);
  if (Number.isInteger(value) && value >= range.min && value <= range.max) return value;
  throw new Error(`${name} must be a whole number from ${range.min} to ${range.max}, not ${JSON.stringify(text)}`);
}
