export { type AcceleratorClassDeps, createAcceleratorClassController, triggerAcceleratorClasses } from "./accelerator-class.ts";
export { classView } from "./class-view.ts";
