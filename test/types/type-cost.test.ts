// Holds what programs that use Telltale cost the compiler. A cost per kind that grows would make editors slow.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { IS_FULL } from "@telltale/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { COMPILERS, compile, MOST_INSTANTIATIONS } from "../../scripts/lib/type-cost/compile.mjs";
import { installDeclarations } from "../../scripts/lib/type-cost/install-declarations.mjs";
import { PARTS, RESOLUTIONS, writeTypedProgram } from "../../scripts/lib/type-cost/typed-program.mjs";

const MINUTES = 60_000;
// The costs are in proportion, so that fewer kinds show the same.
const [FEW, MANY] = IS_FULL ? [25, 200] : [10, 25];
const mostFor = (kinds: number): number => (kinds <= 25 ? MOST_INSTANTIATIONS[25] : MOST_INSTANTIATIONS[200]);

let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "telltale-type-cost-"));
  await installDeclarations(folder);
}, MINUTES);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function costOf(kinds: number): Promise<number> {
  const program = join(folder, `${kinds}-kinds`);
  writeTypedProgram(program, { kinds });
  const { errors, instantiations } = await compile(program);
  expect(errors).toEqual([]);
  return instantiations;
}

test(
  `${FEW} and ${MANY} kinds stay within their instantiations, and a kind costs the same in both`,
  async () => {
    const one = await costOf(1);
    const few = await costOf(FEW);
    const many = await costOf(MANY);

    expect(few).toBeLessThanOrEqual(mostFor(FEW));
    expect(many).toBeLessThanOrEqual(mostFor(MANY));
    expect((many - few) / (MANY - FEW)).toBeLessThanOrEqual(((few - one) / (FEW - 1)) * 1.1);
  },
  3 * MINUTES,
);

// `npm run pack:check` compiles the same program with all of them in an application's folder.
const strict = COMPILERS.flatMap((compiler) => RESOLUTIONS.map((resolution) => ({ compiler, resolution })));

test.each(IS_FULL ? strict : strict.slice(-1))(
  "a strict program compiles and has declarations with $compiler and moduleResolution $resolution",
  async ({ compiler, resolution }) => {
    const program = join(folder, `${compiler}-${resolution}`);
    writeTypedProgram(program, { kinds: 3, parts: [...PARTS, "gateway"], resolution, declaration: true });

    const { errors } = await compile(program, compiler);

    expect(errors).toEqual([]);
  },
  MINUTES,
);
