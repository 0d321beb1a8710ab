/** What the products that are compared promise. The page shows it, because they do not do the same for the same job. */
export const PROMISES = `| | Telltale | BullMQ | bee-queue |
|---|---|---|---|
| a job of a worker that died runs again | yes, when its lease expires | yes, when its lock expires | yes, when it is found stalled |
| a worker that lost its job cannot settle it | yes: each claim has a new fence | yes: each lock has a token | no |
| a submit that is repeated creates one job | yes: every submit can be sent again; idempotency keys with a check of the input | with a \`jobId\` of your own, while the job is kept | with an id of your own, while the job is kept |
| the reply to a submit or claim is lost | it is repeated under the same id, with the same result | a job may be added twice; what was claimed waits until it is found stalled | the same |
| status events | kept for each job, in order, without gaps, and readable from any position | in one stream for the queue, trimmed to about 10,000 | pub/sub to connected processes, not kept |
| live status in a browser | yes, typed, resumes after a lost connection | no | no |
| input, progress and output are checked | by the schemas of the contract, at both ends | no | no |
| a handler that blocks its process | its lease is kept by a thread until its timeout, then the process is ended | its lock expires | it is found stalled |
| delays, priorities, retries, schedules | yes | yes | delays and retries |

Plain ws, socket.io and plain tRPC deliver what is published while a watcher is connected. Telltale's watchers also get what they
missed: every event has a position, is numbered without gaps, and is read again from Redis after a lost connection or a lost
message. ioredis and ws are not products but floors: what the same Redis and the same sockets take when nothing is promised.`;
