import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { step } from "../lib/step.mjs";

/**
 * Bundles the README's client for a browser and its worker and server for Node, and prints the sizes.
 *
 * @param {import("./project.mjs").Project} project
 */
export async function bundleIt({ folder }) {
  const sizes = [];
  const bundle = async (name, options) => {
    const { outputFiles } = await build({
      ...{ entryPoints: [join(folder, `${name}.ts`)], bundle: true, minify: true, write: false, format: "esm" },
      ...{ absWorkingDir: folder, logLevel: "silent", ...options },
    });
    sizes.push(`${name} ${Math.round(gzipSync(outputFiles[0]?.contents ?? "").length / 102.4) / 10} kB gzip`);
  };
  await step("bundles for a browser and for Node", { quiet: false }, async () => {
    try {
      await bundle("client", { platform: "browser", define: { "process.env.SERVER_URL": "undefined" } });
      await bundle("worker", { platform: "node" });
      await bundle("server", { platform: "node" });
      return { code: 0, output: "" };
    } catch (error) {
      return { code: 1, output: String(error) };
    }
  });
  console.log(`  ${sizes.join(", ")}`);
}
