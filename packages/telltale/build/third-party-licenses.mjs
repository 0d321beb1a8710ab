import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Returns the licenses of the packages whose code was bundled.
 *
 * @param {readonly string[]} files the bundled files, as paths from `root`
 * @param {string} root
 */
export function thirdPartyLicenses(files, root) {
  const folders = files.flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []);
  const texts = [...new Set(folders)].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
    const file = readdirSync(join(root, folder)).find((entry) => /^licen[cs]e/i.test(entry));
    return `${name} ${version} (${license})\n\n${file ? readFileSync(join(root, folder, file), "utf8").trim() : ""}\n`;
  });
  return texts.join(`\n${"-".repeat(80)}\n\n`);
}
