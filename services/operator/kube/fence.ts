import { ServiceError } from "@troupe/errors";
import type { KubeApi } from "./kube-api.ts";

/**
 * The API server for as long as a lease is held. A write after that is refused here, also by a process that slept through its term and
 * has not noticed yet. Reads go through.
 * @param held asked at each write
 */
export function fenced(api: KubeApi, held: () => boolean, signal: AbortSignal): KubeApi {
  const guard = <Args extends readonly unknown[], Result>(write: (...args: Args) => Promise<Result>) => {
    return async (...args: Args): Promise<Result> => {
      if (!held() || signal.aborted) throw new ServiceError("LEADERSHIP_LOST", "this operator no longer holds the lease");
      return write(...args);
    };
  };
  return {
    list: (kind, options) => api.list(kind, options),
    get: (kind, ref, options) => api.get(kind, ref, options),
    watch: (kind, options) => api.watch(kind, options),
    create: guard((kind, object, manager, options) => api.create(kind, object, manager, { signal, ...options })) as KubeApi["create"],
    replace: guard((kind, object, manager, options) => api.replace(kind, object, manager, { signal, ...options })) as KubeApi["replace"],
    apply: guard((kind, object, manager, options) => api.apply(kind, object, manager, { signal, ...options })) as KubeApi["apply"],
    applyStatus: guard((kind, object, manager, options) =>
      api.applyStatus(kind, object, manager, { signal, ...options }),
    ) as KubeApi["applyStatus"],
    scale: guard((kind, ref, replicas, manager, options) =>
      api.scale(kind, ref, replicas, manager, { signal, ...options }),
    ) as KubeApi["scale"],
    delete: guard((kind, ref, options) => api.delete(kind, ref, { signal, ...options })) as KubeApi["delete"],
    evict: guard((ref, options) => api.evict(ref, { signal, ...options })) as KubeApi["evict"],
  };
}
