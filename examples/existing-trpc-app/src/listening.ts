/** An app that can be reached. */
export interface Listening {
  /** Of its tRPC, over HTTP. */
  readonly url: string;
  close(): Promise<void>;
}
