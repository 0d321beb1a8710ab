import { expect, test } from "vitest";
import { workerName } from "./worker-name.js";

test.each([
  ["web-1", "web-1-4711"],
  ["web.example.com", "web.example.com-4711"],
  ["Ann's MacBook", "Ann-s-MacBook-4711"],
  ["büro", "b-ro-4711"],
  ["x".repeat(253), `${"x".repeat(59)}-4711`],
  ["", "-4711"],
])("the default name on the host %j is valid", (host, name) => {
  expect(workerName(undefined, host, 4711)).toBe(name);
  expect(workerName(name)).toBe(name);
});

test.each(["", "a b", "web\n", "web/1", "x".repeat(65), "x".repeat(10_240), "\u001b[31m", 5, null])(
  "the name %j is refused, with a short message",
  (name) => {
    expect(() => workerName(name as string)).toThrow(
      expect.objectContaining({
        code: "invalid_config",
        message: expect.stringMatching(/^The worker's name .{1,100} is invalid\. Use 1 to 64 characters/),
      }),
    );
  },
);

test.each(["a", "A.b_c-9", "x".repeat(64)])("the name %j is taken as it is", (name) => {
  expect(workerName(name)).toBe(name);
});
