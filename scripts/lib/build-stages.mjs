import { cpSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import dockerignore from "@balena/dockerignore";
import { root } from "./bin.mjs";
import { imageOf } from "./dockerfile.mjs";
import { capture } from "./run.mjs";
import { step } from "./step.mjs";

/** Commands that need root, and so work only in an image. */
const FOR_IMAGES = /^apt-get /;

/**
 * Runs the steps of a Dockerfile. Each stage has its own folder in `folder`, which stands for `/`. COPY takes the files
 * that git knows and .dockerignore does not exclude. A RUN that installs Debian packages is reported and skipped.
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
        console.log(`${name}: skipped, needs an image: ${text.split(" && ")[1]}`);
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

/** The files of the build context, as paths from the root. */
export async function contextFiles() {
  const { output } = await capture("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { cwd: root });
  const files = output.split("\n").filter((file) => file !== "" && existsSync(join(root, file)));
  return dockerignore()
    .add(readFileSync(join(root, ".dockerignore"), "utf8"))
    .filter(files);
}

function copy({ words, flags, workdir, context, folder }) {
  const target = words.at(-1);
  if (target !== "./" && target !== ".") throw new Error(`COPY to ${target} is not supported, only to ./`);
  for (const source of words.slice(0, -1)) {
    if (flags.from) cpSync(join(folder, flags.from, source), workdir, { recursive: true, verbatimSymlinks: true });
    else if (source === ".") for (const file of context) cpSync(join(root, file), join(workdir, file));
    else if (context.includes(source)) cpSync(join(root, source), join(workdir, basename(source)));
    else throw new Error(`COPY ${source}: no such file in the build context`);
  }
}
