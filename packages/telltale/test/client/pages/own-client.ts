import { createClient } from "telltale/client";
import type { jobs } from "../contracts.js";

/** A page whose only connection is the client's own. */
export const client = createClient<typeof jobs>({ url: "/trpc" });
