import { cpSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import dockerignore from "@balena/dockerignore";
import { root } from "./bin.mjs";
import { imageOf } from "./dockerfile.mjs";
import { capture } from "./run.mjs";
import { step } from "./step.mjs";

/** What only an image has: a package manager run by root. */
const FOR_IMAGES = /^apt-get /;

/**
 * Runs the steps of a Dockerfile, each stage in a folder of its own below `folder`, where `/` is that folder. COPY takes from
 * what git has of the tree, less what .dockerignore says; a RUN that installs Debian packages is told and left out.
 *
 * @param {readonly import("./dockerfile.mjs").Stage[]} stages
 * @param {string} folder
 */
export async function buildStages(stages, folder) {
  const context = await contextFiles();
  for (const { name, from, instructions } of stages) {
    const place = join(folder, name);
    mkdirSync(place);
    const base = imageOf(stages, from);
    if (base) cpSync(join(folder, from), place, { recursive: true, verbatimSymlinks: true });
    let workdir = join(place, base?.workdir ?? "/");
    const env = { PATH: process.env.PATH, HOME: process.env.HOME, ...base?.env };
    for (const { keyword, text, words, flags } of instructions) {
      if (keyword === "ENV") Object.assign(env, Object.fromEntries(words.map((pair) => pair.split(/=(.*)/s, 2))));
      if (keyword === "WORKDIR") workdir = join(place, text);
      mkdirSync(workdir, { recursive: true });
      if (keyword === "COPY") copy({ words, flags, workdir, context, folder });
      if (keyword === "RUN" && FOR_IMAGES.test(text))
        console.log(`${name}: in an image only: ${text.split(" && ")[1]}`);
      else if (keyword === "RUN") {
        await step(`${name}: ${text}`, { quiet: false }, () =>
          capture("sh", ["-ec", text], {
            cwd: workdir,
            env: { ...env, PATH: `${dirname(process.execPath)}:${env.PATH}` },
          }),
        );
      }
    }
  }
}

/** The files that a build is sent, by their paths from the root. */
export async function contextFiles() {
  const { output } = await capture("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { cwd: root });
  const files = output.split("\n").filter((file) => file !== "" && existsSync(join(root, file)));
  return dockerignore()
    .add(readFileSync(join(root, ".dockerignore"), "utf8"))
    .filter(files);
}

function copy({ words, flags, workdir, context, folder }) {
  const target = words.at(-1);
  if (target !== "./" && target !== ".") throw new Error(`COPY to ${target} is more than this knows`);
  for (const source of words.slice(0, -1)) {
    if (flags.from) cpSync(join(folder, flags.from, source), workdir, { recursive: true, verbatimSymlinks: true });
    else if (source === ".") for (const file of context) cpSync(join(root, file), join(workdir, file));
    else if (context.includes(source)) cpSync(join(root, source), join(workdir, source));
    else throw new Error(`COPY ${source}: there is no such file in the build's context`);
  }
}
