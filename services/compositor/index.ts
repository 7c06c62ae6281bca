export { createNodeSurface } from "./node-canvas.ts";
export type { AvatarAsset } from "./renderers/avatar-asset.ts";
export { loadAvatar } from "./renderers/load-avatar.ts";
export { renderPreviewSheet } from "./renderers/preview.ts";
export type { Pose, Renderer } from "./renderers/renderer.ts";
export { createVectorRenderer } from "./renderers/vector-renderer.ts";
export { type CompositorConfig, compositorConfig, createCompositorService } from "./service.ts";
export { addIdle } from "./timeline/idle.ts";
