import { refuseBrowser } from "../core/internal.js";

// Bundles for browsers get this module instead of index.ts. It exports the same names, so that the bundle can be built. When it
// is loaded, it throws an error that says what to import instead.
const refused = refuseBrowser("telltale/trpc");
export const createJobsRouter = refused;
export const telltaleErrorFormatter = refused;
export const toTRPCError = refused;
