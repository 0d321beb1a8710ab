/** The version of this package. Bundles for browsers cannot read package.json; a test checks that it has the same version. */
export const VERSION = "0.1.0";
