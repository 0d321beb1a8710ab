import { dirname } from "node:path";
import { build } from "vite";

/** One page's script as Vite builds it for production: minified, for browsers, of one file. */
export async function bundleWithVite(entry: string): Promise<string> {
  const built = await build({
    root: dirname(entry),
    configFile: false,
    logLevel: "silent",
    resolve: { conditions: ["@telltale/source", "module", "browser"] },
    build: { write: false, rolldownOptions: { input: entry } },
  });
  const output = [built].flat().flatMap((one) => ("output" in one ? one.output : []));
  const [chunk, ...others] = output.filter((file) => file.type === "chunk");
  if (!chunk || others.length > 0) throw new Error(`Vite made ${others.length + 1} chunks of ${entry}`);
  return chunk.code;
}
