import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { Verdict } from "@telltale/contracts";

/** A program to judge, and its expected verdict. */
export interface Submission {
  /** The file name without its extension. */
  readonly name: string;
  readonly problem: string;
  readonly expected: Verdict;
  readonly source: string;
}

const FOLDER = fileURLToPath(new URL("../../../examples/submissions/", import.meta.url));

/** Reads `examples/submissions/`. Throws if a file does not start with its problem and its expected verdict. */
export async function readSubmissions(): Promise<Submission[]> {
  const files = (await readdir(FOLDER)).filter((file) => file.endsWith(".js")).sort();
  return Promise.all(
    files.map(async (file) => {
      const source = await readFile(FOLDER + file, "utf8");
      const [, problem, expected] = /^\/\/ problem: (\S+)\n\/\/ expect: (\S+)\n/.exec(source) ?? [];
      if (problem === undefined) throw new Error(`${file} does not begin with "// problem: …" and "// expect: …"`);
      return { name: file.replace(/\.js$/, ""), problem, expected: Verdict.parse(expected), source };
    }),
  );
}
