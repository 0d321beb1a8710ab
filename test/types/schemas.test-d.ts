// Which schemas a contract takes, and what types it has for what it does not declare. Checked by `npm run typecheck`.
import {
  type ChunkOf,
  defineJob,
  handle,
  type InputOf,
  type OutputOf,
  type ParsedInputOf,
  type ProgressOf,
} from "telltale";
import { z } from "zod";
import { z as z3 } from "zod/v3";

type Equals<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

const Shape = z.discriminatedUnion("type", [
  z.object({ type: z.literal("circle"), radius: z.number().default(1) }),
  z.object({ type: z.literal("square"), side: z.string().transform(Number) }),
]);
const draw = defineJob("draw", {
  input: Shape,
  output: z.array(z.union([z.string().brand("url"), z.date()])).readonly(),
  progress: z.tuple([z.int(), z.enum(["lines", "fill"])]),
});
type Draw = typeof draw;
true satisfies Equals<
  InputOf<Draw>,
  { type: "circle"; radius?: number | undefined } | { type: "square"; side: string }
>;
true satisfies Equals<ParsedInputOf<Draw>, { type: "circle"; radius: number } | { type: "square"; side: number }>;
true satisfies Equals<ProgressOf<Draw>, [number, "lines" | "fill"]>;
true satisfies Equals<OutputOf<Draw>, readonly ((string & z.$brand<"url">) | Date)[]>;

true satisfies Equals<ChunkOf<Draw>, never>;
handle(draw, async ({ chunk, progress }) => {
  progress([1, "fill"]);
  // @ts-expect-error no such progress
  progress([1, "fills"]);
  // @ts-expect-error chunks of a job that declares none
  chunk("text");
  return [new Date()];
});

interface Tree {
  children: Tree[];
}
const Tree: z.ZodType<Tree> = z.object({ children: z.array(z.lazy(() => Tree)) });
const walk = defineJob("walk", { input: Tree, output: z.any(), chunk: z.unknown() });
true satisfies Equals<InputOf<typeof walk>, unknown>;
true satisfies Equals<ParsedInputOf<typeof walk>, Tree>;

// @ts-expect-error a schema of zod 3
defineJob("old", { input: z3.object({}), output: z.null() });
// @ts-expect-error no schema
defineJob("plain", { input: { type: "object" }, output: z.null() });
// @ts-expect-error an error's data without a schema
defineJob("failing", { input: z.null(), output: z.null(), errors: { nope: "text" } });
