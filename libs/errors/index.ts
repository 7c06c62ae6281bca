export { type Reason, reasons } from "./reasons.ts";
export { isServiceError, ServiceError, type ServiceErrorOptions } from "./service-error.ts";
export { StatusCode } from "./status-code.ts";
