import { createReadStream } from "node:fs";
import { z } from "zod";
import { LIMITS, TelltaleError, transformer } from "../core/index.js";

const Superjson = z.object({ json: z.json(), meta: z.looseObject({}).optional() });

/** Where an input is written: on the command line, in a file, or (`-`) on stdin. */
export interface InputSource {
  readonly input?: string | undefined;
  readonly file?: string | undefined;
  /** It is written as superjson writes it, for what JSON has no words for: dates, bigints, maps, sets. */
  readonly superjson?: boolean | undefined;
}

// What a contract's input can have, with room for white space and escapes.
const MAX_BYTES = 8 * LIMITS.inputBytes;

/** Reads an input that is written as JSON or superjson. Throws `invalid_config` saying what is wrong with it, and never repeats it. */
export async function readInput({ input, file, superjson }: InputSource): Promise<unknown> {
  if ((input === undefined) === (file === undefined)) {
    throw new TelltaleError("invalid_config", "Say the input once: --input '<json>', or --file <path> (- for stdin)");
  }
  const where = file === undefined ? "--input" : file === "-" ? "stdin" : file;
  const json = parsed(input ?? decoded(await readBytes(file ?? "-"), where), where);
  return superjson ? revived(json, where) : json;
}

// A byte that is no text would otherwise be sent as another character, unnoticed.
function decoded(bytes: Buffer, where: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new TelltaleError("invalid_config", `What ${where} holds is not UTF-8`);
  }
}

function parsed(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new TelltaleError("invalid_config", `${where} ${text.trim() === "" ? "is empty" : "is not JSON"}`);
  }
}

function revived(json: unknown, where: string): unknown {
  try {
    return transformer.deserialize(Superjson.parse(json));
  } catch {
    throw new TelltaleError("invalid_config", `What ${where} holds is not superjson: { "json": …, "meta": … }`);
  }
}

async function readBytes(file: string): Promise<Buffer> {
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
  return Buffer.concat(parts);
}
