import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { silentLogger } from "../../core/internal.js";
import { AddressPlaces } from "./address-places.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function world() {
  const warned: object[] = [];
  const places = new AddressPlaces(1, { ...silentLogger, warn: (data) => void warned.push(data) });
  return { places, warned };
}

test("an address gets its place back when its connection ends", () => {
  const { places, warned } = world();

  const leave = places.take("1.2.3.4", {});
  leave?.();

  expect(leave).not.toBeNull();
  expect(places.take("1.2.3.4", {})).not.toBeNull();
  expect(warned).toEqual([]);
});

test("an attack of refused connections is logged once a minute, and not for each of them", () => {
  const { places, warned } = world();
  const refuse = (address: string): void => {
    expect(places.take(address, {})).toBeNull();
  };
  places.take("1.2.3.4", {});
  places.take("1.2.3.5", {});

  for (let n = 0; n < 1_000; n++) refuse("1.2.3.4");
  refuse("1.2.3.5");
  vi.advanceTimersByTime(60_000);
  refuse("1.2.3.5");
  expect(warned).toEqual([{ address: "1.2.3.4" }]);
  vi.advanceTimersByTime(1);
  refuse("1.2.3.5");

  expect(warned).toEqual([{ address: "1.2.3.4" }, { address: "1.2.3.5" }]);
});
