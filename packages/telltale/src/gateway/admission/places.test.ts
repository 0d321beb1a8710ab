import { expect, test } from "vitest";
import { Places } from "./places.js";

test("a connection that is taken twice counts once, until both are given back", () => {
  const places = new Places(1);
  const connection = {};
  const [first, second] = [places.take("ada", connection), places.take("ada", connection)];

  first?.();
  first?.();
  expect(places.take("ada", {})).toBeNull();
  second?.();

  expect(places.size).toBe(0);
  expect(places.take("ada", {})).not.toBeNull();
});

test("a holder with all places taken does not take those of another", () => {
  const places = new Places(1);
  places.take("ada", {});

  expect(places.take("ada", {})).toBeNull();
  expect(places.take("bob", {})).not.toBeNull();
});
