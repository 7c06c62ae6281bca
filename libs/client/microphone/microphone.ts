/** Why there is no microphone: the person or the browser refused, there is none, or another program has it. */
export type MicrophoneProblem = "denied" | "missing" | "busy" | "insecure";

export interface MicrophoneOptions {
  /** Echo cancelling, noise suppression and gain control of the browser; all on by default. */
  readonly processing: boolean;
  /** Whether our own canceller takes the page's sound out of the microphone; default: where the browser does not. */
  readonly cancelEcho?: boolean;
  /** Ready to be asked for: the module is loaded. */
  readonly context: AudioContext;
  /** What the page itself plays; reference of the canceller. */
  readonly reference: AudioNode;
  /** Called with 20 ms of 24 kHz sound. */
  readonly onSound: (samples: Float32Array) => void;
  /** The device went away. */
  readonly onLost: () => void;
}

export interface Microphone {
  /** Who takes the echo of what the page plays out of the microphone. */
  readonly echoCancelled: "browser" | "own" | "no";
  setMuted(muted: boolean): void;
  close(): void;
}

export type MicrophoneResult =
  | { readonly ok: true; readonly microphone: Microphone }
  | { readonly ok: false; readonly problem: MicrophoneProblem };

/** Asks for the microphone. The context must have loaded the capture worklet. */
export async function openMicrophone(options: MicrophoneOptions): Promise<MicrophoneResult> {
  const { context, reference, processing, onSound, onLost } = options;
  if (!navigator.mediaDevices) return { ok: false, problem: "insecure" };
  let stream: MediaStream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({
      audio: { echoCancellation: processing, noiseSuppression: processing, autoGainControl: processing, channelCount: 1 },
    });
  } catch (thrown) {
    return { ok: false, problem: problemOf(thrown) };
  }
  const [track] = stream.getAudioTracks();
  const byBrowser = track?.getSettings().echoCancellation === true;
  const cancelEcho = options.cancelEcho ?? !byBrowser;
  const source = context.createMediaStreamSource(stream);
  const capture = new AudioWorkletNode(context, "troupe-capture", {
    numberOfInputs: 2,
    numberOfOutputs: 1,
    channelCount: 1,
    channelCountMode: "explicit",
    processorOptions: { cancelEcho },
  });
  capture.port.onmessage = (event: MessageEvent<Float32Array>) => onSound(event.data);
  source.connect(capture, 0, 0);
  reference.connect(capture, 0, 1);
  // A node that leads nowhere may not be run; its output is silence.
  capture.connect(context.destination);
  track?.addEventListener("ended", onLost);
  return {
    ok: true,
    microphone: {
      echoCancelled: cancelEcho ? "own" : byBrowser ? "browser" : "no",
      setMuted(muted) {
        if (track) track.enabled = !muted;
      },
      close() {
        track?.removeEventListener("ended", onLost);
        source.disconnect();
        reference.disconnect(capture);
        capture.disconnect();
        for (const one of stream.getTracks()) one.stop();
      },
    },
  };
}

function problemOf(thrown: unknown): MicrophoneProblem {
  const name = thrown instanceof Error || thrown instanceof DOMException ? thrown.name : "";
  if (name === "NotFoundError" || name === "OverconstrainedError") return "missing";
  return name === "NotReadableError" || name === "AbortError" ? "busy" : "denied";
}
