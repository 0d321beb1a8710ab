import { PGlite } from "@electric-sql/pglite";

/** The application's own database. The outbox is one of its tables. */
export async function openDatabase(folder: string): Promise<PGlite> {
  const database = await PGlite.create(folder);
  await database.exec(`
    create table if not exists orders (id text primary key, cents integer not null);
    create table if not exists outbox (
      id text primary key,
      prepared jsonb not null,
      submitted_at timestamptz,
      refused text
    );
  `);
  return database;
}
