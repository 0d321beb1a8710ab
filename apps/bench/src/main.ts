import { attackWithBodies, attackWithCalls, attackWithLists, attackWithPlaces } from "./attack/attacks.js";
import { attackWithPrograms, attackWithStorage } from "./attack/stored-jobs.js";
import { benchDecode } from "./decode.js";
import { benchFeed } from "./feed.js";

const BENCHES: Readonly<Record<string, { readonly says: string; run(): Promise<void> }>> = {
  "attack-bodies": {
    says: "600 bodies of 1 MB that never end, and an honest caller beside them",
    run: attackWithBodies,
  },
  "attack-calls": { says: "sockets that send calls and read no answer", run: attackWithCalls },
  "attack-lists": { says: "one caller who lists without end", run: attackWithLists },
  "attack-places": { says: "one address and one caller who take every connection and stream", run: attackWithPlaces },
  "attack-programs": {
    says: "one caller whose programs fill the queue, and another who waits",
    run: attackWithPrograms,
  },
  "attack-storage": { says: "one address that stores large jobs for as long as it may", run: attackWithStorage },
  decode: { says: "how long the most expensive payloads take to read", run: benchDecode },
  feed: { says: "a job's feed as a list or as a stream: bytes and time", run: benchFeed },
};

const given = process.argv.slice(2);
const [name] = given[0] === "--" ? given.slice(1) : given;
const bench = name === undefined ? undefined : BENCHES[name];
if (bench) {
  await bench.run();
} else {
  const wantsHelp = name === undefined || name === "--help" || name === "-h";
  const say = wantsHelp ? console.log : console.error;
  if (!wantsHelp) say(`Unknown benchmark: ${name}\n`);
  say("npm run bench -- <name>   runs a benchmark on a private Redis; times are ratios within one run\n");
  for (const [known, { says }] of Object.entries(BENCHES)) say(`  ${known.padEnd(16)} ${says}`);
  process.exitCode = wantsHelp ? 0 : 2;
}
