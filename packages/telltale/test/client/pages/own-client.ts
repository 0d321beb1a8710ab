import { createClient } from "telltale/client";
import type { jobs } from "../contracts.js";

/** A page without a tRPC client of its own. */
export const client = createClient<typeof jobs>({ url: "/trpc" });
