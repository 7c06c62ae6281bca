import type { MountOptions } from "./mount.ts";

/** What the page's address asks for; see README. */
export function optionsFromQuery(query: URLSearchParams): MountOptions {
  const number = (name: string) => (query.has(name) ? Number(query.get(name)) : undefined);
  const text = (name: string) => query.get(name) || undefined;
  const output = {
    width: number("width"),
    height: number("height"),
    frames_per_second: number("fps"),
    audio_codec: text("audio") as "opus" | "pcm16" | undefined,
  };
  const language = text("language");
  return withoutUndefined({
    avatar: text("avatar"),
    language: language === "auto" ? undefined : language,
    greeting: text("greeting"),
    render: text("render") as "client" | undefined,
    player: text("player") as "mse" | undefined,
    turns: text("turns") as "push-to-talk" | undefined,
    output: withoutUndefined(output),
    microphone: query.get("microphone") === "off" ? false : microphoneFrom(query),
    captions: query.get("captions") !== "0",
  }) as MountOptions;
}

function microphoneFrom(query: URLSearchParams) {
  const echo = query.get("echo");
  return { processing: query.get("processing") !== "off", ...(echo === null ? {} : { cancelEcho: echo === "on" }) };
}

function withoutUndefined(given: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}
