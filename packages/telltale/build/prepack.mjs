import { execFileSync } from "node:child_process";
import { copyFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

// What `npm pack` and `npm publish` need in this folder: a current build, and the license of the repository.
const at = (path) => fileURLToPath(new URL(path, import.meta.url));

execFileSync(process.execPath, [at("../../../scripts/build.mjs")], { stdio: ["ignore", "ignore", "inherit"] });
copyFileSync(at("../../../LICENSE"), at("../LICENSE"));
