import { expect, test } from "vitest";
import type { HeldLease } from "./lease-protocol.js";
import { LeaseTable } from "./lease-table.js";

function lease(n: number): HeldLease {
  return {
    queue: "mail",
    id: `mail_${n}`,
    fence: n,
    timeoutMs: 60_000,
    retryInMs: 1_000.5,
    attempt: 2,
    since: 1_795_580_635_143,
    heldAt: 1_795_580_635_143.25,
  };
}

/** The table as the thread sees it. */
const readerOf = (table: LeaseTable): LeaseTable => new LeaseTable(table.memory);

test("the thread reads exactly the leases that are held, with all that it needs of them", () => {
  const table = LeaseTable.withSlots(4);
  const reader = readerOf(table);
  expect([...reader.values()]).toEqual([]);

  for (const n of [1, 2, 3]) table.write(n - 1, lease(n));
  table.clear(1);
  table.write(3, lease(4));

  expect([...reader.values()]).toEqual([lease(1), lease(3), lease(4)]);
  expect([1, 2, 4].map((n) => reader.has(lease(n)))).toEqual([true, false, true]);
  expect(reader.has({ id: "mail_1", fence: 2 })).toBe(false);
});

test("a slot that is used again has only the new lease, also if its text is shorter", () => {
  const table = LeaseTable.withSlots(1);

  table.write(0, lease(1_000_000));
  table.write(0, lease(7));

  expect([...readerOf(table).values()]).toEqual([lease(7)]);
});

test("the longest names fit", () => {
  const table = LeaseTable.withSlots(2);
  const longest = {
    ...{ queue: "q".repeat(128), id: `${"k".repeat(64)}_${"f".repeat(32)}`, fence: 999_999_999_999_999 },
    ...{ timeoutMs: 86_400_000_000, retryInMs: 86_400_000.123456, heldAt: 1_795_580_635_143.1235 },
    ...{ attempt: 25, since: 1_795_580_635_143 },
  };

  table.write(0, longest);
  table.write(1, lease(1));

  expect([...readerOf(table).values()]).toEqual([longest, lease(1)]);
});

test("a lease that is just being written is left out, instead of being read half", () => {
  const table = LeaseTable.withSlots(2);
  table.write(0, lease(1));
  table.write(1, lease(2));

  // The first number of a slot is odd during a change.
  Atomics.add(new Int32Array(table.memory), 0, 1);

  expect([...readerOf(table).values()]).toEqual([lease(2)]);
});
