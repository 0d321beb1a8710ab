import { expect, test } from "vitest";
import { JOB_ID_PATTERN, kindOfJobId, newJobId, timeOfJobId } from "./job-id.js";

test("an id contains its kind and a UUIDv7, whose bits for a partition are 0", () => {
  const id = newJobId("resizeImage");

  expect(id).toMatch(JOB_ID_PATTERN);
  expect(kindOfJobId(id)).toBe("resizeImage");
  expect(id).toMatch(/_[0-9a-f]{12}7000[89ab][0-9a-f]{15}$/);
});

test.each(["send-email", "mail.send", "send_email", "a_b-c.d", `a_${"0".repeat(32)}`, "a_", "a".repeat(64)])(
  "the kind %j and the time can be read from an id",
  (kind) => {
    const id = newJobId(kind);

    expect(kindOfJobId(id)).toBe(kind);
    expect(Math.abs(timeOfJobId(id) - Date.now())).toBeLessThan(60_000);
  },
);

test("ids are unique, and contain the time at which they were created", () => {
  const before = Date.now();
  const ids = Array.from({ length: 1_000 }, () => newJobId("a"));

  expect(new Set(ids).size).toBe(1_000);
  for (const id of ids) {
    const at = timeOfJobId(id);
    expect(at).toBeGreaterThanOrEqual(before);
    expect(at).toBeLessThanOrEqual(Date.now());
  }
});

test.each([
  "",
  "a",
  "a_",
  `a_${"0".repeat(31)}`,
  `a_${"0".repeat(33)}`,
  `A_${"0".repeat(32)}`,
  `a_${"G".repeat(32)}`,
  `a_${"0".repeat(32)}\n`,
  `a:b_${"0".repeat(32)}`,
  `__proto___${"0".repeat(32)}`,
  `-a_${"0".repeat(32)}`,
  `.a_${"0".repeat(32)}`,
  `${"a".repeat(65)}_${"0".repeat(32)}`,
])("%j is not a job id", (text) => {
  expect(kindOfJobId(text)).toBeNull();
});
