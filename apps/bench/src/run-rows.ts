import { testRedis } from "@telltale/testkit";
import type { Contender } from "./contenders/contender.js";
import { control } from "./measure/control.js";
import { type Machine, machine } from "./measure/machine.js";
import { spreadOf } from "./measure/spread.js";
import { versions } from "./measure/versions.js";
import { figureLines } from "./report/console-table.js";
import { ratiosOf } from "./report/ratios.js";
import type { Results } from "./report/results.js";
import type { Figure, Row, Run } from "./rows/row.js";

const ROUNDS = 5;
const QUICK_ROUNDS = 3;

interface RunOptions {
  readonly isQuick: boolean;
  /** Receives lines for people: progress and figures. */
  readonly say: (line: string) => void;
}

/** What the rows measured, and the errors of those that could not be. */
export interface Outcome {
  readonly results: Results;
  readonly failures: readonly string[];
}

/** Measures the rows, one after another. A row that fails does not end the run. */
export async function runRows(rows: readonly Row[], { isQuick, say }: RunOptions): Promise<Outcome> {
  const rounds = isQuick ? QUICK_ROUNDS : ROUNDS;
  const figures: Record<string, Results["figures"][string]> = {};
  const ratios: Record<string, Results["ratios"][string]> = {};
  const notes: Record<string, string[]> = {};
  const failures: string[] = [];
  for (const [i, row] of rows.entries()) {
    const startedAt = performance.now();
    const head = `[${i + 1}/${rows.length}] ${row.name}`;
    say(`${head}: ${row.says}`);
    const rowRun = new RowRun({ isQuick, rounds, progress: (text) => say(`${head}: ${text}`) });
    try {
      await row.measure(rowRun);
      for (const figure of row.figures) {
        const measured = rowRun.spreads(figure);
        figures[figure.name] = measured;
        ratios[figure.name] = ratiosOf(figure, measured);
        for (const line of figureLines(figure, measured)) say(line);
      }
      for (const note of rowRun.notes) say(note);
      if (rowRun.notes.length > 0) notes[row.name] = rowRun.notes;
    } catch (error) {
      const failure = `${row.name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
      failures.push(failure);
      say(failure);
    }
    say(`${head}: took ${((performance.now() - startedAt) / 1_000).toFixed(0)} s\n`);
  }
  const measured = {
    on: new Date().toISOString().slice(0, 10),
    rounds,
    isQuick,
    machine: await thisMachine(),
    versions: versions(),
  };
  return { results: { measured, figures, notes, ratios }, failures };
}

class RowRun implements Run {
  readonly isQuick: boolean;
  readonly rounds: number;
  readonly progress: (text: string) => void;
  readonly notes: string[] = [];
  readonly redis = testRedis;
  readonly #values = new Map<string, Map<Contender, number[]>>();

  constructor({ isQuick, rounds, progress }: Pick<Run, "isQuick" | "rounds" | "progress">) {
    this.isQuick = isQuick;
    this.rounds = rounds;
    this.progress = progress;
  }

  record({ name }: Figure, contender: Contender, value: number): void {
    if (!Number.isFinite(value)) throw new Error(`${name} of ${contender} is ${value}`);
    const ofFigure = this.#values.get(name) ?? new Map<Contender, number[]>();
    this.#values.set(name, ofFigure);
    ofFigure.set(contender, [...(ofFigure.get(contender) ?? []), value]);
  }

  note(text: string): void {
    if (!this.notes.includes(text)) this.notes.push(text);
  }

  spreads({ name }: Figure): Results["figures"][string] {
    const entries = [...(this.#values.get(name) ?? [])].map(([contender, values]) => [contender, spreadOf(values)]);
    return Object.fromEntries(entries);
  }
}

async function thisMachine(): Promise<Machine> {
  await using server = await testRedis();
  await using connection = control(server.url);
  const info = await connection.redis.info("server");
  return machine(/redis_version:(\S+)/.exec(info)?.[1] ?? "unknown");
}
