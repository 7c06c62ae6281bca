/** What a pull says while it works. `from` names the source as people know it: "pypi silero-vad 6.2.3", an address. */
export type PullEvent =
  | { readonly kind: "present"; readonly id: string }
  /** Somebody else pulls the same model. */
  | { readonly kind: "waiting"; readonly id: string }
  | { readonly kind: "fetching"; readonly id: string; readonly from: string; readonly resumedBytes: number }
  /** With each piece that arrives. `totalBytes` is unknown for packages. */
  | {
      readonly kind: "received";
      readonly id: string;
      readonly from: string;
      readonly receivedBytes: number;
      readonly totalBytes: number | undefined;
    }
  | { readonly kind: "fetched"; readonly id: string; readonly from: string; readonly sizeBytes: number; readonly fetchMs: number }
  /** The next source is tried, or the same again. */
  | { readonly kind: "failed"; readonly id: string; readonly from: string; readonly reason: string }
  | { readonly kind: "installing"; readonly id: string; readonly requirements: readonly string[] }
  | { readonly kind: "installed"; readonly id: string; readonly installMs: number }
  | { readonly kind: "converting"; readonly id: string; readonly recipe: string }
  | { readonly kind: "converted"; readonly id: string; readonly recipe: string; readonly convertMs: number }
  | { readonly kind: "pulled"; readonly id: string; readonly fetchMs: number; readonly installMs: number; readonly convertMs: number };
