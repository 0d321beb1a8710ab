import { z } from "zod";
import { assertNode, assertSupported } from "./supported.js";

// The schemas import this module first. With an older zod they would fail with "z.int is not a function", which does not say why.
// Older versions of Node.js would fail in a later module. zod exports its version since 4.0.
assertNode();
assertSupported("zod", "core" in z ? `${z.core.version.major}.${z.core.version.minor}.${z.core.version.patch}` : "3");
