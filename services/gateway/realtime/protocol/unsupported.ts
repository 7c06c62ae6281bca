import { ServiceError } from "@troupe/errors";

/** A part of the protocol that the gateway does not offer. `param` is its path in the client's event. */
export const unsupported = (param: string, what: string): ServiceError =>
  new ServiceError("UNIMPLEMENTED", `${what} not offered`, { metadata: { param } });

/** A field that is missing, or that cannot be served as it is. */
export const invalid = (param: string, message: string): ServiceError =>
  new ServiceError("INVALID_REQUEST", message, { metadata: { param } });
