import { seededRandom } from "../../av-offset/random.ts";
import { materialRateHz } from "./spoken-material.ts";

const lengthS = 0.35;
/** Time in which the room's sound falls by 60 dB. */
const decayS = 0.3;
const directShare = 0.6;

/** A room as an impulse response: the direct sound, then noise that decays; its energy is 1. Seeded. */
export function roomResponse(seed: number): Float32Array {
  const random = seededRandom(seed);
  const room = Float32Array.from({ length: Math.round(lengthS * materialRateHz) }, (_, n) => {
    const timeS = n / materialRateHz;
    return timeS < 0.004 ? 0 : (random() * 2 - 1) * 10 ** ((-3 * timeS) / decayS);
  });
  const energy = room.reduce((sum, value) => sum + value * value, 0);
  const response = room.map((value) => value * Math.sqrt((1 - directShare) / energy));
  response[0] = Math.sqrt(directShare);
  return response;
}
