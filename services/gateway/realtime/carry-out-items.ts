import { limited, type Talk } from "./carry-out.ts";
import type { ClientEventOf } from "./protocol/client-event.ts";
import { type ContentPart, type Item, readItem } from "./protocol/conversation-item.ts";
import { invalid, unsupported } from "./protocol/unsupported.ts";
import { message } from "./translation/item-list.ts";

const partTypes: Readonly<Record<Item["role"], ContentPart["type"]>> = {
  user: "input_text",
  assistant: "output_text",
  system: "input_text",
};

/** Writes a message into the history; no answer begins. */
export function addItem(talk: Talk, { item: request, previous_item_id: previous }: ClientEventOf<"conversation.item.create">): void {
  const { id = `item_${crypto.randomUUID().replaceAll("-", "").slice(0, 21)}`, role, text, audio } = readItem(request);
  const { items, ids } = talk.translation;
  if (audio !== undefined) throw unsupported("item.content[0].type", "messages whose words are sound are (append the sound instead)");
  if (items.get(id)) throw invalid("item.id", `there is an item "${id}" already`);
  if (previous != null && previous !== "root" && !items.get(previous)) throw invalid("previous_item_id", `there is no item "${previous}"`);
  const afterId = previous == null ? {} : { afterId: previous === "root" ? "" : ids.remembered(previous) };
  talk.session.conversation.remember({ id, role, text: limited(talk, text), ...afterId });
  const item = message(id, role, [{ type: partTypes[role], text }]);
  const before = items.add(item, previous ?? undefined) ?? null;
  talk.send({ type: "conversation.item.added", previous_item_id: before, item });
  talk.send({ type: "conversation.item.done", previous_item_id: before, item });
}

export function retrieveItem(talk: Talk, { item_id: id }: ClientEventOf<"conversation.item.retrieve">): void {
  talk.send({ type: "conversation.item.retrieved", item: known(talk, id) });
}

export function deleteItem(talk: Talk, { item_id: id }: ClientEventOf<"conversation.item.delete">): void {
  const { items, ids } = talk.translation;
  known(talk, id);
  talk.session.conversation.forget(ids.remembered(id));
  items.remove(id);
  talk.send({ type: "conversation.item.deleted", item_id: id });
}

/** The person heard only so much of an answer. */
export function truncateItem(talk: Talk, event: ClientEventOf<"conversation.item.truncate">): void {
  const { item_id: id, content_index, audio_end_ms } = event;
  const response = talk.translation.ids.responseOf(id);
  if (response === undefined || known(talk, id).role !== "assistant") throw invalid("item_id", "only what was spoken can be truncated");
  if (content_index !== 0) throw invalid("content_index", "the item has one part");
  talk.translation.responses.cancelledBy(response, "turn_detected");
  talk.session.conversation.truncate(response, audio_end_ms);
  talk.send({ type: "conversation.item.truncated", item_id: id, content_index, audio_end_ms });
}

function known({ translation }: Talk, id: string): Item {
  const item = translation.items.get(id);
  if (!item) throw invalid("item_id", `there is no item "${id.slice(0, 64)}"`);
  return item;
}
