import type { PGlite } from "@electric-sql/pglite";
import { ERROR_CODES, TelltaleError } from "telltale";
import type { Telltale } from "telltale/server";
import type { jobs } from "./contracts.js";

/** Options of a relay. */
export interface RelayOptions {
  readonly database: PGlite;
  readonly telltale: Pick<Telltale<typeof jobs>, "submitPrepared">;
  /** Whether it marks the jobs that it submitted. False simulates a crash before that. @default true */
  readonly survives?: boolean;
}

/** Submits the jobs that are left in the outbox, oldest first, and returns how many there were. */
export async function relay({ database, telltale, survives = true }: RelayOptions): Promise<number> {
  const left = await database.query<{ id: string; prepared: unknown }>(
    "select id, prepared from outbox where submitted_at is null and refused is null order by id",
  );
  for (const { id, prepared } of left.rows) {
    const refused = await submit(telltale, prepared);
    if (!survives) continue;
    if (refused) await database.query("update outbox set refused = $2 where id = $1", [id, refused]);
    else await database.query("update outbox set submitted_at = now() where id = $1", [id]);
  }
  return left.rows.length;
}

// A job that a retry cannot help is marked as refused, so that it does not block the others.
async function submit(telltale: RelayOptions["telltale"], prepared: unknown): Promise<string | null> {
  try {
    await telltale.submitPrepared(prepared);
    return null;
  } catch (error) {
    if (!(error instanceof TelltaleError) || ERROR_CODES[error.code].retry) throw error;
    return error.code;
  }
}
