import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./lib/bin.mjs";
import { importSource } from "./lib/from-source.mjs";
import { lifecyclePage } from "./lib/lifecycle-page.mjs";
import { setup } from "./lib/setup.mjs";

await setup({ quiet: true });
const { LIFECYCLE } = await importSource("packages/telltale/src/core/index.ts");
writeFileSync(join(root, "docs", "lifecycle.md"), lifecyclePage(LIFECYCLE));
