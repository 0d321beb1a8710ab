/** A running app. */
export interface Listening {
  /** The URL of its tRPC endpoint. */
  readonly url: string;
  close(): Promise<void>;
}
