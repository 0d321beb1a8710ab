import { findExample, listExamples } from "./lib/examples.mjs";
import { fromSource, importSource } from "./lib/from-source.mjs";
import { run } from "./lib/run.mjs";
import { setup } from "./lib/setup.mjs";

// pnpm passes on the `--` of `pnpm example -- outbox`; npm does not.
const given = process.argv.slice(2);
const [name, ...args] = given[0] === "--" ? given.slice(1) : given;

const example = name === undefined ? undefined : findExample(name);
if (!example) {
  const wantsHelp = name === undefined || name === "--help" || name === "-h";
  const say = wantsHelp ? console.log : console.error;
  if (!wantsHelp) say(`Unknown example: ${name}\n`);
  say("npm run example -- <name>   runs an example on a private Redis, or on the one of REDIS_URL\n");
  for (const { name, description } of listExamples()) say(`  ${name.padEnd(18)} ${description}`);
  process.exit(wantsHelp ? 0 : 2);
}

await setup();
process.exitCode = process.env.REDIS_URL ? await start(process.env.REDIS_URL) : await startOnPrivateRedis();

function start(redisUrl) {
  return run(process.execPath, [...fromSource(), example.main, ...args], {
    env: { ...process.env, REDIS_URL: redisUrl },
  });
}

async function startOnPrivateRedis() {
  const { findRedisServer, startRedis } = await importSource("packages/local-redis/src/index.ts");
  try {
    const binary = await findRedisServer({ onProgress: (line) => console.log(line) });
    const redis = await startRedis({ binary });
    try {
      return await start(redis.url);
    } finally {
      await redis.stop();
    }
  } catch (error) {
    console.error(error.message);
    return 1;
  }
}
