import type { ErrorCode } from "../core/index.js";

/** The errors of lost connections, as opposed to those that a server sent. */
export const LOST: ReadonlySet<ErrorCode> = new Set(["outcome_unknown", "unreachable"]);
