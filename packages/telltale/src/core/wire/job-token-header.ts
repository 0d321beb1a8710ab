/**
 * The HTTP header in which a client sends the token of a job for a subscription over server-sent events, whose input is part of
 * the address and so ends up in logs. The Authorization header is the user's own.
 */
export const JOB_TOKEN_HEADER = "telltale-job-token";
