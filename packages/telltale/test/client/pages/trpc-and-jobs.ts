import { createJobsClient } from "telltale/client";
import type { jobs } from "../contracts.js";
import { trpc } from "./trpc.js";

Reflect.set(globalThis, "jobs", createJobsClient<typeof jobs>(trpc.jobs));
