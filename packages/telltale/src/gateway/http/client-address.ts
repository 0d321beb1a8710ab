import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";
import { TelltaleError } from "../../core/index.js";

/** Returns the address by which a client is counted. */
export type ClientAddress = (req: IncomingMessage) => string;

/**
 * Creates the function that finds the address of a client behind `proxies` trusted proxies. Each proxy appends the
 * address of its own client to `X-Forwarded-For`, so entries further to the left may be invented. Throws
 * `invalid_config` if the number is not a whole number from 0.
 */
export function createClientAddress(proxies: number): ClientAddress {
  if (!Number.isInteger(proxies) || proxies < 0) {
    throw new TelltaleError(
      "invalid_config",
      `trustProxy must be the number of proxies in front of the gateway, 0 or more, not ${proxies}`,
    );
  }
  return (req) => {
    const peer = addressKey(req.socket.remoteAddress);
    if (proxies === 0) return peer;
    // Each proxy may also have added a header of its own instead of appending to an existing one.
    const forwarded = (req.headersDistinct["x-forwarded-for"] ?? []).join(",").split(",");
    const sent = forwarded.at(-proxies)?.trim() ?? "";
    return isIP(sent) > 0 ? addressKey(sent) : peer;
  };
}

/**
 * The key by which an address is counted. An IPv6 address is counted by its first 64 bits, because a single client
 * usually has a network of that size. An IPv4 address that is written as IPv6 is the IPv4 address.
 */
export function addressKey(address: string | undefined): string {
  if (address === undefined) return "unknown";
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (isIP(address) !== 6) return address;
  const [head = "", tail] = (address.split("%")[0] ?? "").toLowerCase().split("::");
  const first = groupsOf(head);
  const last = tail === undefined ? [] : groupsOf(tail);
  const zeros = Array.from({ length: Math.max(0, 8 - first.length - last.length) }, () => "0");
  return `${[...first, ...zeros, ...last].slice(0, 4).join(":")}::/64`;
}

// An IPv4 address at the end has the length of two groups.
function groupsOf(text: string): string[] {
  const groups = text.split(":").filter((group) => group !== "");
  return groups.flatMap((group) => (group.includes(".") ? [group, group] : [group.replace(/^0+(?=.)/, "")]));
}
