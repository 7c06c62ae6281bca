export { decodeALaw, decodeMuLaw, encodeALaw, encodeMuLaw } from "./companding.ts";
export { createFourier, type Fourier } from "./fourier.ts";
export { rmsDb } from "./loudness.ts";
export { createMelFilters, type MelFilter } from "./mel-filters.ts";
export { bytesToPcm16, floatToPcm16, pcm16ToBytes, pcm16ToFloat } from "./pcm16.ts";
export { createResampler, type Resampler, type ResamplerOptions } from "./resampler.ts";
export { type ReadWavOptions, readWav, type Wav } from "./wav-reading.ts";
export { writeWav } from "./wav-writing.ts";
