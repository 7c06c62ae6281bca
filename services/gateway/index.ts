export { addConversationService, converse } from "./converse.ts";
export { createGateway, type Gateway, type GatewayDeps, type GatewayOptions } from "./gateway.ts";
export { createGatewayMetrics, type GatewayMetrics } from "./metrics.ts";
export { type GatewayConfig, gatewayConfig, runGateway } from "./service.ts";
export { defaultTurnPolicy, type TurnPolicy } from "./turn-taking/index.ts";
