/** What is sent to a client: one JSON object. Its `event_id` is added where it is sent. */
export interface ServerEvent {
  readonly type: string;
  readonly [field: string]: unknown;
}
