import { readConfig } from "@troupe/service";
import { operatorConfig } from "./config.ts";
import { runOperator } from "./service.ts";

await runOperator(readConfig(operatorConfig, process.env));
