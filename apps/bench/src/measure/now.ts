/** The machine's monotonic clock in ms. All processes of a machine share it, unlike `performance.now()`. */
export function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
