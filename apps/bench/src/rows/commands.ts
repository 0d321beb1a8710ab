import { control } from "../measure/control.js";
import { trafficOf } from "../measure/redis-traffic.js";
import { eachRound, handledOnce, QUEUES } from "./queue-agents.js";
import type { Figure, Row } from "./row.js";

const commandsPerJob: Figure = {
  name: "commands-per-job",
  title: "Redis commands per no-op job, those within scripts included",
  unit: "commands",
  better: "lower",
};
const scriptsPerJob: Figure = {
  name: "scripts-per-job",
  title: "script calls per no-op job",
  unit: "commands",
  better: "lower",
};

/** What a job costs Redis, counted and not timed. */
export const commands: Row = {
  name: "commands",
  says: "Redis commands and script calls per no-op job",
  method:
    "What `INFO commandstats` counts while one worker with concurrency 100 runs the jobs, divided by their number. Submitting is not counted.",
  figures: [commandsPerJob, scriptsPerJob],
  async measure(run) {
    await using redis = await run.redis();
    await using own = control(redis.url);
    const jobs = run.isQuick ? 2_000 : 10_000;
    await eachRound({ rounds: 1, progress: run.progress }, { redis: redis.url, contenders: QUEUES }, async (pair) => {
      const { contender, round, submitter, worker } = pair;
      await submitter.call("submitMany", { count: jobs, perCall: 1_000 });
      const traffic = await trafficOf(own.redis, async () => {
        await worker.call("startWork", { jobs, concurrency: 100, sleepMs: 0 });
        await handledOnce([worker], jobs);
      });
      if (round === 0) return;
      run.record(commandsPerJob, contender, traffic.commands / jobs);
      if (contender !== "ioredis") run.record(scriptsPerJob, contender, traffic.scriptCalls / jobs);
    });
  },
};
