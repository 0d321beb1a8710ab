import { z } from "zod";
import { assertNode, assertSupported } from "./supported.js";

// Imported first by the schemas, which an older zod could not even load: "z.int is not a function" would say nothing. Older
// versions of Node.js fail at the modules that come after. zod names its version since 4.0.
assertNode();
assertSupported("zod", "core" in z ? `${z.core.version.major}.${z.core.version.minor}.${z.core.version.patch}` : "3");
