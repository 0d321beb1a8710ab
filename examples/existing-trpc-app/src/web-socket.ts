// For Node 20. Browsers have a WebSocket, and so has Node from 22 on.
import { WebSocket } from "ws";

if (!("WebSocket" in globalThis)) Object.assign(globalThis, { WebSocket });
