import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DockerfileParser } from "dockerfile-ast";
import { root } from "./bin.mjs";

/**
 * @typedef {{ keyword: string, text: string, words: readonly string[], json: readonly string[] | null, flags: Readonly<Record<string, string>> }} Instruction
 * @typedef {{ name: string, from: string, instructions: readonly Instruction[] }} Stage
 */

/**
 * The stages of our Dockerfile, in order.
 *
 * @returns {Stage[]}
 */
export function readStages() {
  const parsed = DockerfileParser.parse(readFileSync(join(root, "Dockerfile"), "utf8"));
  /** @type {{ name: string, from: string, instructions: Instruction[] }[]} */
  const stages = [];
  for (const one of parsed.getInstructions()) {
    const keyword = one.getKeyword();
    const words = one.getArguments().map((argument) => argument.getValue());
    if (keyword === "FROM") stages.push({ from: words[0] ?? "", name: words[2] ?? "", instructions: [] });
    else stages.at(-1)?.instructions.push(instruction(keyword, one.getTextContent().slice(keyword.length).trim()));
  }
  return stages;
}

/**
 * Returns the settings of a stage, with those of the stages that it is built from: environment, folder, user and
 * commands.
 *
 * @param {readonly Stage[]} stages
 * @param {string} name
 */
export function imageOf(stages, name) {
  const stage = stages.find((one) => one.name === name);
  if (!stage) return null;
  /** @type {{ env: Record<string, string>, workdir: string, user: string, entrypoint: readonly string[], command: readonly string[], health: readonly string[], ports: readonly string[] }} */
  const image = imageOf(stages, stage.from) ?? {
    ...{ env: {}, workdir: "/", user: "root", entrypoint: [], command: [], health: [], ports: [] },
  };
  for (const { keyword, text, words, json } of stage.instructions) {
    if (keyword === "ENV") Object.assign(image.env, Object.fromEntries(words.map((pair) => pair.split(/=(.*)/s, 2))));
    if (keyword === "WORKDIR") image.workdir = text;
    if (keyword === "USER") image.user = text;
    if (keyword === "EXPOSE") image.ports = words;
    if (keyword === "ENTRYPOINT") image.entrypoint = json ?? [];
    if (keyword === "CMD") image.command = json ?? [];
    if (keyword === "HEALTHCHECK") image.health = json ?? [];
  }
  return image;
}

/** @returns {Instruction} */
function instruction(keyword, raw) {
  const words = raw.split(/\s+/);
  const flags = Object.fromEntries(
    words.filter((word) => word.startsWith("--")).map((flag) => flag.slice(2).split(/=(.*)/s, 2)),
  );
  const list = raw.indexOf("[");
  return {
    ...{ keyword, text: raw, flags, words: words.filter((word) => !word.startsWith("--")) },
    json: list >= 0 && raw.endsWith("]") ? JSON.parse(raw.slice(list)) : null,
  };
}
