export { serveExplanations } from "./explain-service.ts";
