export * from "@troupe/client";
export { type MountOptions, mount } from "./mount.ts";
