import { expect, test } from "vitest";
import { parseDependencies, parsePolicy } from "./apt.js";

test("a package that apt knows but cannot install has no candidate", () => {
  const policy = [
    "redis-server:",
    "  Installed: (none)",
    "  Candidate: 5:7.0.15-1~deb12u10",
    "  Version table:",
    "     5:7.0.15-1~deb12u10 500",
    "valkey-server:",
    "  Installed: (none)",
    "  Candidate: (none)",
    "",
  ].join("\n");

  expect([...parsePolicy(policy)]).toEqual([["redis-server", "5:7.0.15-1~deb12u10"]]);
});

test("alternatives are read as one dependency, and virtual packages are skipped", () => {
  const depends = [
    "redis-tools",
    "  Depends: libc6",
    " |Depends: libsystemd0",
    "  Depends: libelogind0",
    "  PreDepends: <virtual>",
    "    provider",
    "  Conflicts: libold",
    "",
  ].join("\n");

  expect(parseDependencies(depends)).toEqual([["libc6"], ["libsystemd0", "libelogind0"], []]);
});
