import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../lib/bin.mjs";
import { capture } from "../lib/run.mjs";
import { step } from "../lib/step.mjs";

const COMPILERS = ["typescript-5.8", "typescript-5.9", "typescript"];
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
