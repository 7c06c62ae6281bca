import { readConfig } from "@troupe/service";
import { gatewayConfig, runGateway } from "./service.ts";

await runGateway(readConfig(gatewayConfig, process.env));
