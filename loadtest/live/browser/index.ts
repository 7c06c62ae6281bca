export { type Browser, launchChromium } from "./chromium.ts";
export { LivePage } from "./live-page.ts";
export type { ReceivedEvent, Recording } from "./recording.ts";
