import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { addressKey, createClientAddress } from "./client-address.js";

class Peer extends Socket {
  override readonly remoteAddress = "10.0.0.9";
}

function requestWith(forwarded: string | undefined): IncomingMessage {
  const req = new IncomingMessage(new Peer());
  if (forwarded !== undefined) {
    req.headers["x-forwarded-for"] = forwarded;
    req.headersDistinct["x-forwarded-for"] = [forwarded];
  }
  return req;
}

test("without a trusted proxy the header is ignored", () => {
  expect(createClientAddress(0)(requestWith("1.2.3.4"))).toBe("10.0.0.9");
});

test.each([
  [1, "6.6.6.6, 1.2.3.4", "1.2.3.4"],
  [2, "6.6.6.6, 1.2.3.4, 5.6.7.8", "1.2.3.4"],
  [1, "nonsense", "10.0.0.9"],
  [2, "1.2.3.4", "10.0.0.9"],
  [1, undefined, "10.0.0.9"],
])("behind %d proxies that sent %j the client is %s", (proxies, forwarded, address) => {
  expect(createClientAddress(proxies)(requestWith(forwarded))).toBe(address);
});

test.each([-1, 0.5, Number.NaN])("%d proxies are refused", (proxies) => {
  expect(() => createClientAddress(proxies)).toThrow(expect.objectContaining({ code: "invalid_config" }));
});

describe("addresses are counted", () => {
  test.each([
    ["127.0.0.1", "127.0.0.1"],
    ["::ffff:127.0.0.1", "127.0.0.1"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:0db8::1", "2001:db8:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
    ["fe80::1%eth0", "fe80:0:0:0::/64"],
    ["2001:db8::1.2.3.4", "2001:db8:0:0::/64"],
  ])("%s as %s", (address, key) => {
    expect(addressKey(address)).toBe(key);
  });
});
