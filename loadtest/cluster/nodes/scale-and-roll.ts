import { stageNames } from "@troupe/kinds";
import type { PlatformImage } from "@troupe/testbed";
import type { Crowd, Experience } from "./crowd.ts";
import type { RealCluster } from "./real-cluster.ts";

/** Each pool in turn to three replicas and back to one. */
export const scaleOutAndIn = (cluster: RealCluster, crowd: Crowd): Promise<Experience> =>
  crowd.during(async () => {
    for (const stage of stageNames) {
      for (const replicas of [3, 1]) {
        await cluster.scale(stage, replicas);
        await cluster.settled();
      }
    }
  });

/** One pool after the other gets another image: five processes that start at once would have two cores to themselves. */
export const rollImage = (cluster: RealCluster, crowd: Crowd, { reference }: PlatformImage): Promise<Experience> =>
  crowd.during(async () => {
    for (const stage of stageNames) {
      await cluster.patchPool(stage, { template: { image: reference } });
      await cluster.settled();
    }
  });
