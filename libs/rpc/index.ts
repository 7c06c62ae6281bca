export { createClient, type RpcClient } from "./client.ts";
export { type CallContext, createRpcServer, type RpcServer } from "./server.ts";
