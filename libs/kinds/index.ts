export * from "./gen/index.ts";
export * from "./names.ts";
export type * from "./object.ts";
