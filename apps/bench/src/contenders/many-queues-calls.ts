/** What a process whose worker has many queues can be asked to do. */
export type ManyQueuesCalls = {
  work(argument: { readonly redis: string; readonly queues: number }): Promise<void>;
};
