import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../lib/bin.mjs";
import { capture } from "../lib/run.mjs";
import { step } from "../lib/step.mjs";
import { COMPILERS, compile, MEASURED_WITH, MOST_INSTANTIATIONS } from "../lib/type-cost/compile.mjs";
import { writeTypedProgram } from "../lib/type-cost/typed-program.mjs";

const RESOLUTIONS = [
  { moduleResolution: "bundler", module: "ESNext" },
  { moduleResolution: "nodenext", module: "NodeNext" },
];

/**
 * Type-checks the project strictly, including the declarations of the library. Checks the npm project with every
 * supported compiler, and the pnpm project, where packages are links, with the newest one.
 *
 * @param {import("./project.mjs").Project} project
 */
export async function checkTypes({ folder, manager }) {
  for (const resolution of RESOLUTIONS) {
    const compilerOptions = {
      ...{ strict: true, noEmit: true, target: "ES2023", lib: ["ES2023", "ESNext.Disposable", "DOM"], types: ["node"] },
      ...{ exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, skipLibCheck: false },
      ...resolution,
    };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*.ts"] }));
    for (const compiler of manager === "npm" ? COMPILERS : COMPILERS.slice(-1)) {
      const tsc = join(root, "node_modules", compiler, "bin/tsc");
      await step(`types: ${compiler}, ${resolution.moduleResolution}`, { quiet: false }, () =>
        capture(process.execPath, [tsc, "-p", folder]),
      );
    }
  }
}

/**
 * Prints what programs of two sizes cost the compiler with the installed library, and fails when one costs too much.
 *
 * @param {import("./project.mjs").Project} project
 */
export async function measureTypes({ folder }) {
  const costs = [];
  await step(`type costs: ${MEASURED_WITH}`, { quiet: false }, async () => {
    const failures = [];
    for (const [kinds, most] of Object.entries(MOST_INSTANTIATIONS)) {
      const program = join(folder, `types-${kinds}`);
      writeTypedProgram(program, { kinds: Number(kinds) });
      const { errors, instantiations, types } = await compile(program);
      costs.push(`${kinds} kinds: ${instantiations} instantiations, ${types} types`);
      failures.push(...errors);
      if (instantiations > most)
        failures.push(`${kinds} kinds cost ${instantiations} instantiations, more than ${most}`);
    }
    return { code: failures.length > 0 ? 1 : 0, output: failures.join("\n") };
  });
  console.log(`  ${costs.join("; ")}`);
}
