export { createEchoCanceller, type EchoCanceller, type EchoCancellerOptions } from "./echo-canceller.ts";
