import { createReadStream } from "node:fs";
import { z } from "zod";
import { LIMITS, TelltaleError, transformer } from "../core/index.js";

const Superjson = z.object({ json: z.json(), meta: z.looseObject({}).optional() });

/** The source of an input: the command line, a file, or stdin (`-`). */
export interface InputSource {
  readonly input?: string | undefined;
  readonly file?: string | undefined;
  /** Whether the input is superjson, which supports dates, bigints, maps and sets. */
  readonly superjson?: boolean | undefined;
}

// The size limit of an input, with a margin for white space and escapes.
const MAX_BYTES = 8 * LIMITS.inputBytes;

/**
 * Reads an input as JSON or superjson. Throws `invalid_config` if it cannot be read, and `too_large`. Messages never
 * quote the input.
 */
export async function readInput({ input, file, superjson }: InputSource): Promise<unknown> {
  if (input !== undefined && file !== undefined) {
    throw new TelltaleError("invalid_config", "Pass either --input '<json>' or --file <path>, not both");
  }
  if (input === undefined && file === undefined) {
    throw new TelltaleError("invalid_config", "Missing input: pass --input '<json>' or --file <path> (- for stdin)");
  }
  const where = file === undefined ? "--input" : file === "-" ? "stdin" : file;
  const json = parsed(input ?? decoded(await readBytes(file ?? "-"), where), where);
  return superjson ? revived(json, where) : json;
}

// Invalid UTF-8 is an error, because it would otherwise silently be sent as a replacement character.
function decoded(bytes: Buffer, where: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new TelltaleError("invalid_config", `${where} is not UTF-8 text`);
  }
}

function parsed(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new TelltaleError("invalid_config", `${where} ${text.trim() === "" ? "is empty" : "is not valid JSON"}`);
  }
}

function revived(json: unknown, where: string): unknown {
  try {
    return transformer.deserialize(Superjson.parse(json));
  } catch {
    throw new TelltaleError("invalid_config", `${where} is not superjson. It must be { "json": …, "meta": … }`);
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
      if (bytes > MAX_BYTES)
        throw new TelltaleError("too_large", `${file} is larger than the largest input a job can have`);
    }
  } catch (cause) {
    if (cause instanceof TelltaleError) throw cause;
    const why = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown error";
    throw new TelltaleError("invalid_config", `${file} cannot be read (${why})`, { cause });
  }
  return Buffer.concat(parts);
}
