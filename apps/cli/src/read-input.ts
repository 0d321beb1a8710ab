import { createReadStream } from "node:fs";
import { LIMITS, TelltaleError } from "@telltale/core";

/** Where an input is written: on the command line, in a file, or (`-`) on stdin. */
export interface InputSource {
  readonly input?: string | undefined;
  readonly file?: string | undefined;
}

// What a contract's input can have, with room for white space and escapes.
const MAX_BYTES = 8 * LIMITS.inputBytes;

/** Reads an input that is written as JSON. Throws `invalid_config` saying what is wrong with it, and never repeats it. */
export async function readInput({ input, file }: InputSource): Promise<unknown> {
  if ((input === undefined) === (file === undefined)) {
    throw new TelltaleError("invalid_config", "Say the input once: --input '<json>', or --file <path> (- for stdin)");
  }
  const text = input ?? (await readText(file ?? "-"));
  try {
    return JSON.parse(text);
  } catch {
    const where = file === undefined ? "--input" : file === "-" ? "stdin" : file;
    throw new TelltaleError("invalid_config", `What ${where} holds is not JSON`);
  }
}

async function readText(file: string): Promise<string> {
  const stream: AsyncIterable<Buffer> = file === "-" ? process.stdin : createReadStream(file);
  const parts: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const part of stream) {
      parts.push(part);
      bytes += part.length;
      if (bytes > MAX_BYTES) throw new TelltaleError("too_large", `${file} is larger than any input may be`);
    }
  } catch (cause) {
    if (cause instanceof TelltaleError) throw cause;
    const why = cause instanceof Error && "code" in cause ? String(cause.code) : "it failed";
    throw new TelltaleError("invalid_config", `${file} cannot be read (${why})`, { cause });
  }
  return Buffer.concat(parts).toString("utf8");
}
