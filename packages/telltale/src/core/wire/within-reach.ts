/** Whether a date is of 1970 to 2286: what a score in a sorted set and a position's base-36 epoch can hold. */
export function isWithinReach(date: Date): boolean {
  return date.getTime() >= 0 && date.getTime() <= 9_999_999_999_999;
}
