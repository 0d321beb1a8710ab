import { setTimeout as delay } from "node:timers/promises";
import type { Durability } from "../durability.js";
import type { Recorder } from "../history/recorder.js";
import type { Battlefield, Nemesis } from "./nemesis.js";

/** Which faults run, for how long, and how many at once. */
export interface Storm {
  readonly durability: Durability;
  readonly nemeses: readonly Nemesis[];
  readonly seconds: number;
  readonly atOnce: number;
  readonly onStep: (text: string) => void;
}

/** Runs faults until the time is over, each once in an order drawn from the seed, then each again. All are healed. */
export async function strikeAll(field: Battlefield, storm: Storm, record: Recorder): Promise<void> {
  const until = performance.now() + storm.seconds * 1_000;
  const under = new Set<Nemesis["target"]>();
  let order: Nemesis[] = [];
  const next = (): Nemesis | undefined => {
    if (order.length === 0) order = shuffled(storm.nemeses, field);
    const found = order.find(({ target }) => !under.has(target));
    order = order.filter((nemesis) => nemesis !== found);
    return found;
  };
  const lane = async (random: Battlefield["random"]): Promise<void> => {
    for (;;) {
      await delay(random.between(100, 400));
      if (performance.now() >= until) return;
      const nemesis = next();
      if (!nemesis) continue;
      const { name, target, silences, forgets, strike } = nemesis;
      storm.onStep(name);
      under.add(target);
      const about = { type: "nemesis", name, silences, forgets: forgets?.(storm.durability) ?? "nothing" } as const;
      record({ ...about, phase: "start" });
      await strike({ ...field, random });
      record({ ...about, phase: "stop" });
      under.delete(target);
    }
  };
  await Promise.all(Array.from({ length: storm.atOnce }, () => lane(field.random.fork())));
}

function shuffled(nemeses: readonly Nemesis[], { random }: Battlefield): Nemesis[] {
  return nemeses
    .map((nemesis) => ({ nemesis, at: random.next() }))
    .sort((a, b) => a.at - b.at)
    .map(({ nemesis }) => nemesis);
}
