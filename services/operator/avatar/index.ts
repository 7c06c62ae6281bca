export { type AvatarDeps, createAvatarController, pipelineKeyOf, triggerAvatars } from "./avatar.ts";
export { type AvatarCatalogue, createAvatarCatalogue } from "./avatar-catalogue.ts";
