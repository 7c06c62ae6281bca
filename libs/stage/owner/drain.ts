import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { type Bus, infrastructureSubject } from "@troupe/bus";
import { type Announcement, type DrainReply, DrainReplySchema, DrainRequestSchema } from "@troupe/contracts";
import { type Grants, platformTenant } from "@troupe/session";

export interface DrainDeps {
  readonly bus: Bus;
  readonly site: string;
  readonly grants: Grants;
}

const drainTimeoutMs = 1000;

/**
 * Asks a replica to take no new sessions and to let its own move; asking again changes nothing.
 * @param reason for people, e.g. "ScaleDown"; at most 128 characters count
 * @throws ServiceError NO_RESPONDERS, DEADLINE, GRANT_INVALID
 */
export async function requestDrain(deps: DrainDeps, replica: Pick<Announcement, "replica" | "stage">, reason: string): Promise<DrainReply> {
  const grant = await deps.grants.sign({ tenant: platformTenant, session: replica.replica, stage: replica.stage });
  const request = toBinary(DrainRequestSchema, create(DrainRequestSchema, { grant, stage: replica.stage, reason }));
  const inbox = infrastructureSubject(deps.site, "replica", replica.replica, "drain");
  const reply = await deps.bus.request(inbox, request, { timeoutMs: drainTimeoutMs });
  return fromBinary(DrainReplySchema, reply.data);
}
