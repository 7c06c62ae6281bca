export { type CallOptions, createClient, type RpcClient } from "./client.ts";
export { errorFromStatus, statusFromError } from "./error-status.ts";
export { type CallContext, createRpcServer, type RpcServer, type ServiceImplementation } from "./server.ts";
