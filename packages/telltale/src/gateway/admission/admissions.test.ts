import { expect, test } from "vitest";
import { Admissions } from "./admissions.js";

test("a release that is called twice gives one place back", () => {
  const admissions = new Admissions({ subscriptionsPerSocket: 2, socketsPerSubject: 1 });
  const socket = {};
  const release = admissions.admit(socket, "ada");
  admissions.admit(socket, "ada");

  release();
  release();

  expect(admissions.size).toBe(1);
  admissions.admit(socket, "ada");
  expect(() => admissions.admit(socket, "ada")).toThrow(
    expect.objectContaining({ code: "too_many", message: "A socket holds at most 2 subscriptions" }),
  );
});

test("a refused admission takes no place", () => {
  const admissions = new Admissions({ subscriptionsPerSocket: 2, socketsPerSubject: 1 });
  const release = admissions.admit({}, "ada");

  expect(() => admissions.admit({}, "ada")).toThrow(
    expect.objectContaining({ code: "too_many", message: expect.stringContaining("at most 1 sockets") }),
  );
  release();

  expect(admissions.size).toBe(0);
  expect(() => admissions.admit({}, "ada")).not.toThrow();
});
