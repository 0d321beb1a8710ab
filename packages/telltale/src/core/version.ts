/** The version in package.json, which a browser's bundle cannot read. A test holds the two together. */
export const VERSION = "0.1.0";
