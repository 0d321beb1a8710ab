/** The version in package.json, which a bundle for browsers cannot read. A test compares the two. */
export const VERSION = "0.1.0";
