export { type CompositorConfig, compositorConfig, createCompositorService } from "./service.ts";
