// Node 20 has no global WebSocket. Browsers and Node 22 have one.
import { WebSocket } from "ws";

if (!("WebSocket" in globalThis)) Object.assign(globalThis, { WebSocket });
