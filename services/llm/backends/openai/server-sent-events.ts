/** Reads `text/event-stream` bytes. Stateful: one per response. */
export interface EventStreamReader {
  /** The data of the events that these bytes complete. */
  push(bytes: Uint8Array): string[];
}

/** Longest event that is kept, in characters; a server that never ends its lines must not fill the memory. */
const maxEventChars = 1_000_000;

/**
 * The data fields of server-sent events (WHATWG HTML, section 9.2.6); event names, ids and retry times are not needed.
 * UTF-8 may be cut anywhere.
 * @throws RangeError when an event is over a million characters
 */
export function createEventStreamReader(): EventStreamReader {
  const decoder = new TextDecoder();
  let rest = "";
  let data: string[] = [];

  function line(text: string): string | undefined {
    if (text !== "") {
      const match = /^data(?:: ?(?<value>.*))?$/su.exec(text);
      if (match) data.push(match.groups?.value ?? "");
      return undefined;
    }
    const event = data.length > 0 ? data.join("\n") : undefined;
    data = [];
    return event;
  }

  return {
    push(bytes) {
      const text = rest + decoder.decode(bytes, { stream: true });
      const cut = text.endsWith("\r") ? text.length - 1 : text.length;
      const lines = text.slice(0, cut).split(/\r\n|\n|\r/u);
      rest = (lines.pop() ?? "") + text.slice(cut);
      const events = lines.map(line).filter((event) => event !== undefined);
      if (rest.length + data.reduce((sum, part) => sum + part.length, 0) > maxEventChars)
        throw new RangeError("an event of the stream is too long");
      return events;
    },
  };
}
