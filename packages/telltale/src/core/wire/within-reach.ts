/** Whether a date is between 1970 and 2286, the range that the scores of sorted sets and the epoch of positions support. */
export function isWithinReach(date: Date): boolean {
  return date.getTime() >= 0 && date.getTime() <= 9_999_999_999_999;
}
