import { execFileSync } from "node:child_process";
import { copyFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

// Prepares this folder for `npm pack` and `npm publish`: builds the package and copies the repository's license.
const at = (path) => fileURLToPath(new URL(path, import.meta.url));

execFileSync(process.execPath, [at("../../../scripts/build.mjs")], { stdio: ["ignore", "ignore", "inherit"] });
copyFileSync(at("../../../LICENSE"), at("../LICENSE"));
