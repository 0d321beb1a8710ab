import { expect, onTestFinished, test, vi } from "vitest";
import { endpointAtUse, endpointOf } from "./endpoint.js";

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

test.each(["/trpc", "./trpc", "../trpc", "//example.com/trpc"])(
  "without a page, %j is refused when it is used",
  (url) => {
    const endpoint = endpointAtUse(url);

    expect(endpoint).toThrow(expect.objectContaining({ code: "invalid_config" }));
  },
);

test("a relative url is resolved against the page", () => {
  vi.stubGlobal("document", { baseURI: "https://app.example/a/" });
  onTestFinished(() => void vi.unstubAllGlobals());

  expect(endpointAtUse("/trpc")().http).toBe("https://app.example/trpc");
  expect(endpointAtUse("../b/trpc")().ws).toBe("wss://app.example/b/trpc");
});

test.each(["", "localhost:3000", "jobs.example", "http://user:pw@example.com"])(
  "%j is refused when the client is created",
  (url) => {
    expect(() => endpointAtUse(url)).toThrow(expect.objectContaining({ code: "invalid_config" }));
  },
);

test("an error about a url does not contain its password", () => {
  expect(() => endpointOf("admin:s3cret@jobs.example")).toThrow(/^(?!.*s3cret).*is not an http or ws address/);
});
