import { capture } from "./lib/run.mjs";

// Must never be committed: machine-specific paths, and download URLs in a lock file.
const RULES = [
  { what: "a machine-specific path", pattern: "(^|[^a-zA-Z0-9._/-])/(work|root|home)/[a-z]", paths: ["."] },
  { what: "a download URL in a lock file", pattern: '(tarball|resolved)"?: *"?https?://', paths: ["*lock*"] },
];

let found = false;
for (const { what, pattern, paths } of RULES) {
  const { code, output } = await capture("git", ["grep", "-nIE", pattern, "--", ...paths, ":!scripts/check-tree.mjs"]);
  if (code > 1) throw new Error(output);
  if (code === 0) {
    found = true;
    console.error(`${what}:\n${output}`);
  }
}
process.exitCode = found ? 1 : 0;
