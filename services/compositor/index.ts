export type { AvatarAsset } from "./renderers/avatar-asset.ts";
export { loadAvatar } from "./renderers/load-avatar.ts";
export { renderPreviewSheet } from "./renderers/preview.ts";
export { type CompositorConfig, compositorConfig, createCompositorService } from "./service.ts";
