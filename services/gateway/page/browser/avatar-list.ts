import { element } from "./elements.ts";

interface AvatarEntry {
  readonly name: string;
  readonly title?: string;
  readonly default?: boolean;
}

/** Fills the choice with the gateway's avatars; without an answer it stays empty and the gateway chooses. */
export async function listAvatars(base: string, choice: HTMLSelectElement, wanted: string | undefined, token?: string): Promise<void> {
  const response = await fetch(new URL("/v1/avatars", base), token ? { headers: { authorization: `Bearer ${token}` } } : {});
  if (!response.ok) return;
  const { data } = (await response.json()) as { readonly data: readonly AvatarEntry[] };
  const chosen = data.find(({ name }) => name === wanted) ?? data.find((avatar) => avatar.default) ?? data[0];
  choice.replaceChildren(
    ...data.map(({ name, title }) => element("option", { value: name, selected: name === chosen?.name }, title || name)),
  );
}
