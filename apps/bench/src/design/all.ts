import { attackWithBodies, attackWithCalls, attackWithLists, attackWithPlaces } from "../attack/attacks.js";
import { attackWithPrograms, attackWithStorage } from "../attack/stored-jobs.js";
import { benchDecode } from "./decode.js";
import { benchFeed } from "./feed.js";

/** What a design choice costs and what a limit is worth. These have no peers, run by name only, and print their own report. */
export const DESIGNS: Readonly<Record<string, { readonly says: string; run(): Promise<void> }>> = {
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
