import { expect, test } from "vitest";
import { extend } from "./lifecycle/extend.js";
import { release } from "./lifecycle/release.js";

test("replies of the lease scripts are parsed", () => {
  expect(extend.parse(["extended", "cancel_requested", "lease_lost"])).toEqual([
    "extended",
    "cancel_requested",
    "lease_lost",
  ]);
  expect(release.parse(["queued 7", "lease_lost", "not_found", "cancelled 8"])).toEqual([
    ["queued", 7],
    ["lease_lost"],
    ["not_found"],
    ["cancelled", 8],
  ]);
});

test.each([null, "extended", ["released"], [["extended"]], [1], [undefined]])(
  "a reply that `extend` never sends is refused: %j",
  (reply) => {
    expect(() => extend.parse(reply)).toThrow("Unexpected reply from a script");
  },
);

test.each([
  "queued",
  "completed 7",
  "queued soon",
  "queued 7 8",
  "queued ",
  "queued -1",
  "lease_lost 7",
  ["queued", "7"],
  null,
])("a reply that `release` never sends is refused: %j", (reply) => {
  expect(() => release.parse([reply])).toThrow("Unexpected reply from a script");
  expect(() => release.parse(reply)).toThrow("Unexpected reply from a script");
});
