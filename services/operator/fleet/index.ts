export { createFleet, type Fleet, type FleetDeps } from "./fleet.ts";
