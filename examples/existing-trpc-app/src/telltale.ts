import { createTelltale } from "telltale/server";
import { jobs } from "./contracts.js";

/** The jobs in this process; server and worker have one each. */
export const telltale = createTelltale({ jobs, redis: process.env.REDIS_URL });
