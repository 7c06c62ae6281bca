import type { ClientSecrets } from "../access/client-secrets.ts";
import type { LiveDeps } from "../http/live-deps.ts";

export interface SessionApiDeps extends LiveDeps {
  readonly secrets: ClientSecrets;
  /** Folder of the avatars. */
  readonly avatarDir: string;
  readonly defaultAvatar: string;
}
