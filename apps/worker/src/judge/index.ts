export { createJudge, type Judge, type JudgeOptions } from "./judge.js";
export type { JudgeRunOptions } from "./judge-submission.js";
export type { Judged, TestResult, Verdict } from "./verdict.js";
