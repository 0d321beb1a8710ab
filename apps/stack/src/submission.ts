import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { Verdict } from "@telltale/contracts";

/** A program to be judged, and what should come of it. */
export interface Submission {
  /** Its file's name without the ending. */
  readonly name: string;
  readonly problem: string;
  readonly expected: Verdict;
  readonly source: string;
}

const FOLDER = fileURLToPath(new URL("../../../examples/submissions/", import.meta.url));

/** The submissions of `examples/submissions/`. Throws for a file that does not say its problem and verdict first. */
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
