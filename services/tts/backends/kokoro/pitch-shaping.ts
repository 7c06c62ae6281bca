import { meanPitchHz, type Prosody, semitoneRatio } from "../../prosody/prosody.ts";

/** Below it a frame is unvoiced; the decoder's own bound is 10 Hz, and the curve falls towards it at the edges of voiced stretches. */
const leastVoicedHz = 30;

/** The pitch curve of a run with a prosody's shift and range; the decoder sings what it is given, so formants stay. */
export function shapePitch(pitchHz: Float32Array, { pitchSemitones, pitchRange }: Prosody): Float32Array {
  if (pitchSemitones === 0 && pitchRange === 1) return pitchHz;
  const mean = meanPitchHz(pitchHz.map((pitch) => (pitch < leastVoicedHz ? 0 : pitch)));
  const ratio = semitoneRatio(pitchSemitones);
  return pitchHz.map((pitch) => (pitch < leastVoicedHz || mean === 0 ? pitch : mean * (pitch / mean) ** pitchRange * ratio));
}
