import type { TimedPhone } from "../backend.ts";
import { createHeardPhones } from "./heard-phones.ts";
import { type MouthNet, stepSamples } from "./mouth-net.ts";

/**
 * The phones that the network hears in a whole recording, one for each 20 ms: what the backend animates, without the animation.
 * @param samples 16 kHz mono, -1..1
 */
export async function hearPhones(net: MouthNet, samples: Float32Array): Promise<readonly TimedPhone[]> {
  const { lateSteps, phones } = net.layout;
  const told = Math.ceil(samples.length / stepSamples);
  const padded = new Float32Array((told + lateSteps) * stepSamples);
  padded.set(samples);
  const { posteriors } = await net.hear(net.firstState, padded);
  const heard = createHeardPhones(net.layout);
  const stepUs = 20_000;
  return Array.from({ length: told + lateSteps }, (_, step) => {
    const startUs = (step - lateSteps) * stepUs;
    return heard.hear(posteriors.subarray(step * phones.length, (step + 1) * phones.length), startUs, startUs + stepUs);
  }).slice(lateSteps);
}
