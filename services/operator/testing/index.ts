export { builtInKinds, createInformer, createKubeApi, type Informer, type Pod } from "../kube/index.ts";
export { eventually } from "./eventually.ts";
export { type SessionEvent, type SimulatedGatewayDeps, simulateGateway } from "./simulated-gateway.ts";
export { type SimulatedReplicasDeps, simulateReplicas } from "./simulated-replicas.ts";
