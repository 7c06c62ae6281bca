import { isDeepStrictEqual } from "node:util";
import { type Condition, setCondition } from "./condition.ts";
import type { Kind } from "./kind.ts";
import type { CallOptions, KubeApi } from "./kube-api.ts";
import type { KubeObject, Ref } from "./object.ts";

/** A condition before it is put on an object. */
export type Statement = Pick<Condition, "type" | "status" | "reason" | "message">;

interface WithConditions {
  readonly conditions?: readonly Condition[];
}
type WithStatus = KubeObject & { readonly status?: WithConditions };

/** The kinds bound it. */
const maxMessageLength = 1024;

/** The statements as conditions of the object, about its present generation; a status that stays keeps its transition time. */
export function conditionsOf(object: WithStatus, statements: readonly Statement[], utcNowMs: number): readonly Condition[] {
  const observedGeneration = object.metadata.generation ?? 0;
  return statements.flatMap((statement) => {
    const before = object.status?.conditions?.filter((condition) => condition.type === statement.type);
    const message =
      statement.message.length <= maxMessageLength ? statement.message : `${statement.message.slice(0, maxMessageLength - 1)}…`;
    return setCondition(before, { ...statement, message, observedGeneration }, utcNowMs);
  });
}

type OwnStatus = Readonly<Record<string, unknown>> & WithConditions;

/** What is applied to bring a controller's part of a status to `own`; undefined: it is so already. */
export function statusPatch(object: WithStatus, own: OwnStatus): { readonly metadata: Ref; readonly status: object } | undefined {
  if (saysTheSame(object, own)) return undefined;
  const { name, namespace, resourceVersion } = object.metadata;
  const metadata = { name, ...(namespace && { namespace }), ...(resourceVersion && { resourceVersion }) };
  return { metadata, status: Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined)) };
}

/**
 * Applies a controller's part of a status, if it says something new.
 * @param own all that the controller writes, and nothing else; a field that is undefined is taken away
 * @returns whether it was written
 * @throws ServiceError OBJECT_CONFLICT: the object has changed since `object` was read
 */
export async function applyOwnStatus<T extends WithStatus>(
  api: Pick<KubeApi, "applyStatus">,
  kind: Kind<T>,
  object: T,
  own: OwnStatus,
  options: CallOptions & { readonly fieldManager: string },
): Promise<boolean> {
  const { fieldManager, ...call } = options;
  const patch = statusPatch(object, own);
  if (patch) await api.applyStatus(kind, patch as never, fieldManager, call);
  return patch !== undefined;
}

function saysTheSame(object: WithStatus, { conditions = [], ...own }: OwnStatus): boolean {
  const status = (object.status ?? {}) as OwnStatus;
  const fields = Object.entries(own).every(([name, value]) => isDeepStrictEqual(status[name], value));
  return (
    fields &&
    conditions.every((one) =>
      isDeepStrictEqual(
        status.conditions?.find(({ type }) => type === one.type),
        one,
      ),
    )
  );
}
