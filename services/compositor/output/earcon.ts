/** Two rising tones (a fifth apart), each fading in and out, so that they do not click. */
const tonesHz = [587.33, 880];
const toneMs = 140;
const rampMs = 15;
const amplitude = 3600;

/** A short sound that says that what follows is a generated voice, for a session that has neither picture nor motion. */
export function createEarcon(sampleRateHz: number): Int16Array {
  const perTone = Math.round((sampleRateHz * toneMs) / 1000);
  const ramp = (sampleRateHz * rampMs) / 1000;
  return Int16Array.from({ length: perTone * tonesHz.length }, (_, at) => {
    const index = at % perTone;
    const strength = Math.min(1, index / ramp, (perTone - index) / ramp);
    return amplitude * strength * Math.sin((2 * Math.PI * (tonesHz[Math.floor(at / perTone)] as number) * index) / sampleRateHz);
  });
}

/** Adds what of a sound falls into the tick; both positions are samples of the session. */
export function mixIn(samples: Int16Array, at: number, sound: Int16Array, soundAt: number): void {
  for (let index = Math.max(0, soundAt - at); index < samples.length; index++) {
    const added = sound[at + index - soundAt];
    if (added === undefined) return;
    samples[index] = Math.max(-32_768, Math.min(32_767, (samples[index] as number) + added));
  }
}
