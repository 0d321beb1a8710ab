import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { capture } from "../lib/run.mjs";
import { step } from "../lib/step.mjs";
import { installWith } from "../pack-check/project.mjs";
import { runQuickstart } from "../pack-check/run.mjs";
import { checkTypes } from "../pack-check/types.mjs";

/**
 * Installs the packed library in an empty project with these versions of its peer dependencies. Type-checks the
 * README's files and the library's declarations there, and runs the files.
 *
 * @param {Readonly<Record<string, string>>} versions
 * @param {{ folder: string, tarball: string }} options
 */
export async function worksWith(versions, { folder, tarball }) {
  const place = join(folder, `project-${versions["@trpc/server"]}`);
  mkdirSync(place);
  const project = await installWith("npm", { folder: place, tarball, versions });
  await checkTypes(project);
  await runQuickstart(project);
}

const IN_RANGE = { zod: "4", "@trpc/server": "11", "@trpc/client": "11" };

const IMPORTS = ["server", "worker", "trpc"].map((entry) => `import("telltale/${entry}")`);
const USES_OF_TRPC = [
  `import("telltale/trpc").then(({ createJobsRouter }) => createJobsRouter({}, {}))`,
  `import("telltale/gateway").then(({ createGateway }) => createGateway({}))`,
  `import("telltale/client").then(({ createClient }) => createClient({ url: "http://127.0.0.1" }))`,
];

/**
 * Versions below the supported range, and the programs that must fail with a message about them.
 *
 * @type {readonly { versions: Readonly<Record<string, string>>, programs: readonly string[], message: RegExp }[]}
 */
const BELOW = [
  { versions: { zod: "3" }, programs: IMPORTS, message: /Telltale needs zod \^[\d.]+, but found 3\. Update it: / },
  ...["10", "11.3.1"].map((trpc) => ({
    versions: { "@trpc/server": trpc, "@trpc/client": trpc },
    programs: USES_OF_TRPC,
    message: /Telltale needs @trpc\/(server|client) \^[\d.]+, but found 1[01]\.\d+\.\d+\. Update it: /,
  })),
];
const OLD_NODE = /Telltale needs Node\.js [\d.]+ or newer, but found 18\.\d+\.\d+\. Install a newer one: /;

/**
 * Checks that the packed library fails at once, with a clear message, if a peer dependency or Node is too old.
 *
 * @param {{ folder: string, tarball: string, oldNode: string }} options
 */
export async function refusesBelow({ folder, tarball, oldNode }) {
  const project = join(folder, "below");
  mkdirSync(project);
  writeFileSync(join(project, "package.json"), JSON.stringify({ private: true, type: "module" }));
  const install = (versions) => {
    const packages = Object.entries({ ...IN_RANGE, ...versions }).map(([name, version]) => `${name}@${version}`);
    return step(`npm install telltale ${packages.join(" ")}`, { quiet: false }, () =>
      capture("npm", ["install", "--no-audit", "--no-fund", "--legacy-peer-deps", tarball, ...packages], {
        cwd: project,
      }),
    );
  };
  const areRefused = (programs, { message, node }) =>
    step("is refused with a message that says what to do", { quiet: false }, async () => {
      const ends = await Promise.all(programs.map((program) => capture(node, ["--eval", program], { cwd: project })));
      const others = ends.filter(({ code, output }) => code === 0 || !message.test(output));
      return { code: others.length, output: others.map(({ output }) => output).join("\n") };
    });

  for (const { versions, programs, message } of BELOW) {
    await install(versions);
    await areRefused(programs, { message, node: process.execPath });
  }
  await install({});
  await areRefused(IMPORTS, { message: OLD_NODE, node: oldNode });
}
