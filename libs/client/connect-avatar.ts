import { type Clock, systemClock } from "@troupe/timeline";
import { bundledAssets } from "./assets.ts";
import { AvatarCall } from "./call/avatar-call.ts";
import { type CallOptions, defaultOutput, playerFor } from "./call/call-options.ts";
import { createPlayer, type Player, type PlayerEvents } from "./player/player.ts";
import type { OutputJson } from "./wire/server-event.ts";

/**
 * Begins a conversation. Call it from a click or a key press: browsers let a page sound only then. Whatever happens comes as
 * events of the call; nothing is thrown for a refused microphone or a gateway that cannot be reached.
 * @throws TypeError where the browser has no AudioWorklet (pages need https or localhost)
 */
export function connectAvatar(options: CallOptions = {}, clock: Clock = systemClock): AvatarCall {
  const script = import.meta.url;
  const base = options.url ?? new URL(script).origin;
  const assets = options.assets ?? bundledAssets(script);
  const context = new AudioContext({ latencyHint: "interactive", sampleRate: 48_000 });
  if (!context.audioWorklet) throw new TypeError("this page has no AudioWorklet: it must come over https or from localhost");
  const output = outputOf(options);
  const openPlayer = async (events: PlayerEvents): Promise<Player> => {
    await context.resume();
    const { canvas, video } = options;
    if (!video || playerFor(options.player) === "webcodecs") return await createPlayer({ assets, context, canvas, events });
    const { createMsePlayer }: typeof import("./mse/mse-player.ts") = await import(assets.msePlayer);
    return createMsePlayer({ context, video, events });
  };
  return new AvatarCall(options, { clock, assets, base, context, openPlayer, output });
}

/** What is asked for, with the sound's codec that this browser can decode. */
function outputOf({ output, canvas, video, render, player }: CallOptions): OutputJson {
  const wanted = { ...defaultOutput, ...output };
  if (video && playerFor(player) === "mse") return { ...wanted, audio_codec: "aac", motion: false };
  const sound = { audio_codec: wanted.audio_codec ?? (typeof AudioDecoder === "undefined" ? "pcm16" : "opus") } as const;
  if (!canvas) return { ...sound, width: 0, height: 0, motion: false };
  // The server sends no pictures then; the size is the client's own business.
  return render === "client" ? { ...wanted, ...sound, width: 0, height: 0, motion: true } : { ...wanted, ...sound, motion: false };
}
