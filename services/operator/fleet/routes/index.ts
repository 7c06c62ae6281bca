export { createRoutesController, type RoutesDeps, type RoutesOptions, routedPipeline, triggerRoutes } from "./routes.ts";
export type { RoutedPipeline } from "./site-routes.ts";
