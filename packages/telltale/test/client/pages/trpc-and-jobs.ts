import { createJobsClient } from "telltale/client";
import type { jobs } from "../contracts.js";
import { trpc } from "./trpc.js";

/** The page of `trpc.ts`, with jobs. */
export const client = createJobsClient<typeof jobs>(trpc.jobs);
