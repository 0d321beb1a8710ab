import { createTelltale } from "telltale/server";
import { jobs } from "./contracts.js";

/** The connection to the jobs. The server process and the worker process have one each. */
export const telltale = createTelltale({ jobs, redis: process.env.REDIS_URL });
