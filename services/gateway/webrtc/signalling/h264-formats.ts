/**
 * Lines of a video section with only the H.264 formats that the gateway can send (RFC 6184: packetization-mode 1), the best one
 * first: Constrained Baseline, then Baseline, then what decodes more, with their retransmission formats. The same array when there is none.
 */
export function keepH264(lines: readonly string[]): readonly string[] {
  const wanted = formatsOf(lines)
    .filter(({ name, parameters }) => name === "h264/90000" && parameters.get("packetization-mode") === "1")
    .map((format) => ({ ...format, rank: rankOf(format.parameters.get("profile-level-id") ?? "42e01f") }))
    .filter(({ rank }) => rank < profiles.length)
    .sort((left, right) => left.rank - right.rank);
  const best = wanted[0];
  if (best === undefined) return lines;
  const resend = formatsOf(lines).filter(({ name, parameters }) => name === "rtx/90000" && parameters.get("apt") === best.payloadType);
  const kept = [best.payloadType, ...resend.map(({ payloadType }) => payloadType)];
  return lines.flatMap((line) => {
    if (line.startsWith("m=")) return [[...line.split(" ").slice(0, 3), ...kept].join(" ")];
    const payloadType = /^a=(?:rtpmap|fmtp|rtcp-fb):(\d+|\*) /.exec(line)?.[1];
    return payloadType === undefined || payloadType === "*" || kept.includes(payloadType) ? [line] : [];
  });
}

interface Format {
  readonly payloadType: string;
  /** Name and clock rate, in lower case. */
  readonly name: string;
  readonly parameters: ReadonlyMap<string, string>;
}

/** profile-level-id of what decodes Constrained Baseline (RFC 6184 §8.1, table 5), most exact first; the level follows. */
const profiles: readonly RegExp[] = [/^42[4-7c-f]0/, /^42/, /^4d/, /^64/];

function rankOf(profileLevelId: string): number {
  const rank = profiles.findIndex((profile) => profile.test(profileLevelId.toLowerCase()));
  return rank < 0 ? profiles.length : rank;
}

function formatsOf(lines: readonly string[]): readonly Format[] {
  return lines.flatMap((line) => {
    const match = /^a=rtpmap:(\d+) (\S+)$/.exec(line);
    if (!match?.[1] || !match[2]) return [];
    const fmtp = lines.find((other) => other.startsWith(`a=fmtp:${match[1]} `));
    const pairs = (fmtp?.slice(fmtp.indexOf(" ") + 1) ?? "").split(";").map((pair) => pair.trim().split("=") as [string, string?]);
    return [
      {
        payloadType: match[1],
        name: match[2].toLowerCase(),
        parameters: new Map(pairs.map(([key, value]) => [key.toLowerCase(), value ?? ""])),
      },
    ];
  });
}
