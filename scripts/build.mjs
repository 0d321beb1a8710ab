import { setup } from "./lib/setup.mjs";

await setup();
