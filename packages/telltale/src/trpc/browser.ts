import { refuseBrowser } from "../core/internal.js";

// Bundles for browsers get this module instead of index.ts. It exports the same names, so that the bundle builds, and throws when
// it is loaded, with a message that says what to import.
const refused = refuseBrowser("telltale/trpc");
export const createJobsRouter = refused;
export const telltaleErrorFormatter = refused;
export const toTRPCError = refused;
