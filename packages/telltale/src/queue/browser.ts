import { refuseBrowser } from "../core/internal.js";

// Replaces index.ts in browser bundles. It exports the same names so that the bundle builds, and throws when loaded,
// with an error that says what to import instead.
const refused = refuseBrowser("telltale/server");
export const createTelltale = refused;
export const firstLine = refused;
