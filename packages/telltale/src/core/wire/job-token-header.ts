/**
 * The HTTP header in which the client sends a job token with a subscription over server-sent events. The input of such a
 * subscription is part of the URL, which is often logged. The Authorization header is left to the application.
 */
export const JOB_TOKEN_HEADER = "telltale-job-token";
