import { cpus, platform, totalmem } from "node:os";

/** The machine that a run was measured on. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly system: string;
  readonly node: string;
  readonly redis: string;
}

export function machine(redis: string): Machine {
  const each = cpus();
  return {
    cpu: each[0]?.model.trim() || "unknown",
    cores: each.length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: platform(),
    node: process.versions.node,
    redis,
  };
}
