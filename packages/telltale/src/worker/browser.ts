import { refuseBrowser } from "../core/internal.js";

// What a bundle for browsers gets instead of index.ts: the same names, so that it can be built, and an error that says what to
// import, as soon as it is loaded.
const refused = refuseBrowser("telltale/worker");
export const createWorker = refused;
