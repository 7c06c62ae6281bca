import { serveExecutor } from "@troupe/executor";
import { loadMouthNet, type MouthNetOutput, type MouthNetState, stepSamples } from "./mouth-net.ts";

/** The methods of a worker. */
export interface MouthNetApi {
  /** What a stream starts with. */
  begin(): MouthNetState;
  hear(argument: { readonly state: MouthNetState; readonly samples: Float32Array }): Promise<MouthNetOutput>;
}

serveExecutor<{ readonly network: string; readonly layout: string }>(async (files) => {
  const net = await loadMouthNet(files);
  // The first run allocates; no speaker should wait for it.
  await net.hear(net.firstState, new Float32Array(10 * stepSamples));
  const api: MouthNetApi = { begin: () => net.firstState, hear: ({ state, samples }) => net.hear(state, samples) };
  return { ...api };
});
