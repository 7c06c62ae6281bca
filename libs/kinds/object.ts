/** Metadata of an object as the API server sends it. Times are RFC 3339. */
export interface ObjectMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  /** Counts changes of spec. */
  readonly generation?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly finalizers?: readonly string[];
  readonly ownerReferences?: readonly OwnerReference[];
}

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
}

/** Where the objects of a kind are in the API. */
export interface KindPath<T> {
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
  /** Never set: it carries the type. */
  readonly shape?: T;
}

type Part<T> = T extends readonly (infer Item)[]
  ? readonly Part<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]?: Part<T[Key]> }
    : T;

/**
 * What one writer says of an object (server-side apply), or what is created: the types describe objects as they are read, in
 * which every field with a default is there.
 */
export type Applied<T extends { readonly apiVersion: string; readonly kind: string; readonly metadata: ObjectMeta }> = Part<
  Omit<T, "apiVersion" | "kind" | "metadata">
> &
  Pick<T, "apiVersion" | "kind" | "metadata">;
