import { expect, test } from "vitest";
import { endpointOf } from "./endpoint.js";

test.each([
  ["http://127.0.0.1:3000", "http://127.0.0.1:3000/trpc", "ws://127.0.0.1:3000/trpc"],
  ["http://127.0.0.1:3000/", "http://127.0.0.1:3000/trpc", "ws://127.0.0.1:3000/trpc"],
  ["http://127.0.0.1:3000/trpc", "http://127.0.0.1:3000/trpc", "ws://127.0.0.1:3000/trpc"],
  ["https://example.com/api/trpc/", "https://example.com/api/trpc", "wss://example.com/api/trpc"],
  ["wss://example.com", "https://example.com/trpc", "wss://example.com/trpc"],
])("the endpoint of %s is %s and %s", (url, http, ws) => {
  expect(endpointOf(url)).toEqual({ http, ws });
});

test.each(["", "localhost:3000", "ftp://example.com", "/trpc", "http://user:pw@example.com"])(
  "%j is refused as a url",
  (url) => {
    expect(() => endpointOf(url)).toThrow(expect.objectContaining({ code: "invalid_config" }));
  },
);
