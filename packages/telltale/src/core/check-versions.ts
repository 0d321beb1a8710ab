import { z } from "zod";
import { assertNode, assertSupported } from "./supported.js";

// The modules with schemas import this one first. With an older zod they would otherwise fail with "z.int is not a function", and
// with an older Node.js a later module would fail. zod exports its version since 4.0.
assertNode();
assertSupported("zod", "core" in z ? `${z.core.version.major}.${z.core.version.minor}.${z.core.version.patch}` : "3");
