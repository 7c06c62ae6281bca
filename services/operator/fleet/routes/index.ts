export { createRoutesController, type RoutesDeps, type RoutesOptions, routedPipeline, triggerRoutes } from "./routes.ts";
export type { RoutedPipeline, RoutedStage } from "./site-routes.ts";
