import { control } from "../measure/control.js";
import { Disposing } from "../measure/disposing.js";
import { handledOnce, type QueueAgent, type QueueContender, startQueueAgent } from "./queue-agents.js";
import type { Figure, Row, Run } from "./row.js";

const CONTENDERS = ["telltale", "bullmq", "bee-queue"] as const satisfies readonly QueueContender[];
const WORKERS = 4;

const ratio: Figure = {
  name: "four-workers",
  title: "four workers, concurrency 2, jobs of 1 ms: part of four times one worker",
  unit: "ratio",
  better: "higher",
  required: [{ limit: 0.85 }],
};

/** Whether workers that are added add their work. */
export const fourWorkers: Row = {
  name: "four-workers",
  says: "four worker processes compared with one, jobs that sleep 1 ms",
  method:
    "One worker process with concurrency 2 runs jobs that sleep for 1 ms, and then four such processes run four times as many. The figure is their throughput, divided by four times that of the one. Each job must be handled exactly once.",
  figures: [ratio],
  async measure(run) {
    await using started = new Disposing();
    const { url } = started.use(await run.redis());
    const { redis } = started.use(control(url));
    const teams = new Map<QueueContender, QueueAgent[]>();
    for (const contender of CONTENDERS) {
      const team: QueueAgent[] = [];
      for (let i = 0; i < WORKERS; i++) team.push(started.use(await startQueueAgent(contender)));
      teams.set(contender, team);
    }
    for (let round = 0; round <= run.rounds; round++) {
      run.progress(round === 0 ? "warm-up" : `round ${round} of ${run.rounds}`);
      for (const [contender, team] of teams) {
        const one = await rateOf(run, team.slice(0, 1), url);
        await redis.flushall();
        const four = await rateOf(run, team, url);
        await redis.flushall();
        if (round > 0) run.record(ratio, contender, four / (WORKERS * one));
      }
    }
  },
};

async function rateOf(run: Run, team: readonly QueueAgent[], redis: string): Promise<number> {
  const jobs = team.length * (run.isQuick ? 500 : 3_000);
  for (const agent of team) {
    await agent.call("open", { redis, prefix: `team-${team.length}`, role: "worker", keepsFinished: false });
  }
  await team[0]?.call("submitMany", { count: jobs, perCall: 1_000 });
  await Promise.all(team.map((agent) => agent.call("startWork", { jobs, concurrency: 2, sleepMs: 1 })));
  const { perSecond } = await handledOnce(team, jobs);
  for (const agent of team) await agent.call("close", null);
  return perSecond;
}
