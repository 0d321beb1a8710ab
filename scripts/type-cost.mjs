import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setup } from "./lib/setup.mjs";
import { compile } from "./lib/type-cost/compile.mjs";
import { installDeclarations } from "./lib/type-cost/install-declarations.mjs";
import { writeTypedProgram } from "./lib/type-cost/typed-program.mjs";

// npm run type-cost: what programs of several sizes cost the compiler, whole and by part (contracts are in all of them).
const KINDS = [1, 25, 50, 100, 200];
const PROGRAMS = {
  contracts: [],
  "+ handlers": ["handlers"],
  "+ router": ["router"],
  "+ SDK client": ["sdk"],
  "+ router, vanilla client": ["router", "vanilla"],
  all: undefined,
};

await setup();
const folder = mkdtempSync(join(tmpdir(), "telltale-type-cost-"));
try {
  await installDeclarations(folder);
  console.log("instantiations and types, TypeScript 5.9\n");
  console.log(["program".padEnd(26), ...KINDS.map((kinds) => `${kinds} kinds`.padStart(20))].join(""));
  for (const [name, parts] of Object.entries(PROGRAMS)) {
    const cells = [];
    for (const kinds of KINDS) {
      const program = join(folder, `${name.replaceAll(/\W+/g, "-")}-${kinds}`);
      writeTypedProgram(program, { kinds, ...(parts && { parts }) });
      const { errors, instantiations, types } = await compile(program);
      if (errors.length > 0) throw new Error(errors.slice(0, 5).join("\n"));
      cells.push(`${instantiations.toLocaleString("en")} / ${types.toLocaleString("en")}`.padStart(20));
    }
    console.log([name.padEnd(26), ...cells].join(""));
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
