export { rmsDb } from "./loudness.ts";
export { bytesToPcm16, floatToPcm16, pcm16ToBytes, pcm16ToFloat } from "./pcm16.ts";
export { createResampler, type Resampler, type ResamplerOptions } from "./resampler.ts";
export { type ReadWavOptions, readWav, type Wav } from "./wav-reading.ts";
export { writeWav } from "./wav-writing.ts";
