import { mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { root } from "../lib/bin.mjs";
import { PNPM } from "../lib/install.mjs";
import { capture } from "../lib/run.mjs";
import { step } from "../lib/step.mjs";

const NEEDED = ["README.md", "LICENSE", "dist/third-party-licenses.txt", "dist/cli/main.js"];
const PACKAGE = join(root, "packages/telltale");

/**
 * Packs the library with npm and with pnpm, and returns npm's tarball. Both must contain the same files.
 *
 * @param {string} folder
 * @returns {Promise<string>}
 */
export async function pack(folder) {
  const tarballs = {};
  for (const [manager, command] of Object.entries({ npm: ["npm"], pnpm: ["npx", "--yes", PNPM] })) {
    const into = join(folder, `${manager}-pack`);
    mkdirSync(into);
    await step(`${manager} pack`, { quiet: false }, () =>
      capture(command[0], [...command.slice(1), "pack", "--pack-destination", into], { cwd: PACKAGE }),
    );
    const [name] = readdirSync(into);
    tarballs[manager] = join(into, name ?? "");
  }
  await step("both contain the same files, all that is needed, and no tests", { quiet: false }, async () => {
    const [npm, pnpm] = await Promise.all(Object.values(tarballs).map(filesOf));
    const differing = [...npm.filter((file) => !pnpm.includes(file)), ...pnpm.filter((file) => !npm.includes(file))];
    const unwanted = npm.filter((file) => /\.test(-d)?\.|tsbuildinfo|node_modules/.test(file));
    const missing = NEEDED.filter((file) => !npm.includes(`package/${file}`)).map((file) => `missing: ${file}`);
    const wrong = [...differing, ...unwanted, ...missing];
    return { code: wrong.length > 0 ? 1 : 0, output: wrong.join("\n") };
  });
  const files = await filesOf(tarballs.npm);
  console.log(`  ${files.length} files, ${Math.round(statSync(tarballs.npm).size / 1024)} kB packed`);
  return tarballs.npm;
}

/** @param {string} tarball */
async function filesOf(tarball) {
  const { output } = await capture("tar", ["-tzf", tarball]);
  return output.trim().split("\n").sort();
}
