import { defineJobs } from "telltale";
import { judge } from "./judge.js";

export { judge, TestResult, Verdict } from "./judge.js";

/** All contracts of the application, by kind. */
export const jobs = defineJobs(judge);
