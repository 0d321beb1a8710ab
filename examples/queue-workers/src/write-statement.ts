import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { type Handler, handle } from "telltale";
import { statement } from "./contracts.js";

const ENTRIES_AT_ONCE = 1_000;

/**
 * The handler. A job can run twice, and the result must be the same. So each attempt writes to its own draft (no two
 * attempts have the same fence) and renames it when it is complete. After two runs, there is still one statement.
 */
export function writeStatement({ worker, folder }: Readonly<{ worker: string; folder: string }>): Handler<"statement"> {
  return handle(statement, async ({ input, progress, signal, fence }) => {
    const { account, entries } = input;
    const file = `${account}.csv.gz`;
    const draft = join(folder, `${account}.${fence}.draft`);
    const hash = createHash("sha256");

    async function* lines(): AsyncGenerator<string> {
      for (let written = 0; written < entries; written += ENTRIES_AT_ONCE) {
        progress({ worker, written });
        yield entriesOf(account, written, Math.min(written + ENTRIES_AT_ONCE, entries));
      }
    }
    async function* hashed(compressed: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
      for await (const piece of compressed) {
        hash.update(piece);
        yield piece;
      }
    }
    try {
      // A cancel, a timeout, a shutdown and a lost lease abort the signal, which stops the writing.
      await pipeline(lines, createGzip(), hashed, createWriteStream(draft), { signal });
      await rename(draft, join(folder, file));
    } finally {
      await rm(draft, { force: true }); // only a killed process leaves a draft behind
    }
    return { file, sha256: hash.digest("hex"), worker };
  });
}

/** In place of a database: returns the same entries for the same account. */
function entriesOf(account: string, from: number, to: number): string {
  let text = "";
  for (let entry = from; entry < to; entry++) {
    const cents = createHash("sha256").update(`${account}/${entry}`).digest().readInt16BE();
    text += `${entry};${(cents / 100).toFixed(2)}\n`;
  }
  return text;
}
