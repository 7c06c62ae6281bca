export { createFleet, createFleetView, type Fleet, type FleetDeps, type FleetView } from "./fleet.ts";
