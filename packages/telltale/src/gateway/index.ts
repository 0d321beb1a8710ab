export { GATEWAY_LIMITS, type GatewayLimits } from "./admission/limits.js";
export { assertTransformer } from "./assert-transformer.js";
export { createGateway, type Gateway, type GatewayAddress } from "./gateway.js";
export type { AttachOptions, ContextRequest, GatewayOptions } from "./options.js";
export { CLOSE_CODES } from "./sockets/close-codes.js";
