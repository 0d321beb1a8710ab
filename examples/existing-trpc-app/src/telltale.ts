import { createTelltale } from "telltale/server";
import { jobs } from "./contracts.js";

/** The connection to Redis. The server and the worker each have their own. */
export const telltale = createTelltale({ jobs, redis: process.env.REDIS_URL });
