import { afterAll, expect } from "vitest";

// Test files share a process. One that leaves fake timers behind would make others fail.
const timers = [setTimeout, setInterval, setImmediate, Date];
afterAll(() => expect([setTimeout, setInterval, setImmediate, Date]).toEqual(timers));
