/** The shapes of Silero VAD at 16 kHz (https://github.com/snakers4/silero-vad, v5 and later). */
export const SAMPLE_RATE_HZ = 16_000;
export const WINDOW_SAMPLES = 512;
export const WINDOW_US = 32_000;
/** The end of the window before goes in front of each window. */
export const CONTEXT_SAMPLES = 64;
/** [2, 1, 128], carried from window to window. */
export const STATE_SHAPE = [2, 1, 128] as const;
export const STATE_SIZE = 256;
