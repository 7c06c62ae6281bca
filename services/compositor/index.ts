export { loadAvatar } from "./canvas/load-avatar.ts";
export { createNodeSurface } from "./canvas/node-canvas.ts";
export { renderPreviewSheet } from "./canvas/preview-sheet.ts";
export { type CompositorConfig, compositorConfig, createCompositorService } from "./service.ts";
