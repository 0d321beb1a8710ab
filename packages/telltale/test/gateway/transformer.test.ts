import { initTRPC } from "@trpc/server";
import superjson from "superjson";
import { transformer } from "telltale";
import { createGateway } from "telltale/gateway";
import { expect, test } from "vitest";
import { memoryLogger } from "./memory-logger.js";

test("a router with superjson itself is served with a warning, one with our transformer without", () => {
  const warningsWith = (used: typeof transformer | typeof superjson): number => {
    const { logger, lines } = memoryLogger();
    const t = initTRPC.create({ transformer: used });
    createGateway({ router: t.router({}), createContext: () => ({}), logger });
    return lines.filter(({ level, message }) => level === "warn" && message.includes("transformer")).length;
  };

  expect(warningsWith(superjson)).toBe(1);
  expect(warningsWith(transformer)).toBe(0);
});
