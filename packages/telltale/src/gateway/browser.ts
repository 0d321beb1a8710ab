import { refuseBrowser } from "../core/internal.js";

// What a bundle for browsers gets instead of index.ts: the same names, so that it can be built, and an error that says what to
// import, as soon as it is loaded.
const refused = refuseBrowser("telltale/gateway");
export const assertTransformer = refused;
export const CLOSE_CODES = refused;
export const createGateway = refused;
export const GATEWAY_LIMITS = refused;
