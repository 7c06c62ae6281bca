export { createFaceService, type FaceConfig, faceConfig } from "./service.ts";
