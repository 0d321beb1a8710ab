export { assertTransformer } from "./assert-transformer.js";
export { CLOSE_CODES } from "./close-codes.js";
export { createGateway, type Gateway, type GatewayAddress } from "./gateway.js";
export { GATEWAY_LIMITS, type GatewayLimits } from "./limits.js";

export type { ContextRequest, GatewayOptions } from "./options.js";
