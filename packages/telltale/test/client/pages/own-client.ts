import { createClient } from "telltale/client";
import type { jobs } from "../contracts.js";

Reflect.set(globalThis, "jobs", createClient<typeof jobs>({ url: "/trpc" }));
