import type { JobFeed } from "../../core/index.js";

/** An event or chunk with its position, after which a watch can resume. */
export interface Positioned<T> {
  readonly item: T;
  readonly position: string;
}

/** An iterator over a job's events or chunks that knows the position of the last one it returned. */
export class EngineJobFeed<T> implements JobFeed<T> {
  readonly #source: AsyncGenerator<Positioned<T>, void, undefined>;
  #position: string | undefined;

  constructor(source: AsyncGenerator<Positioned<T>, void, undefined>, after: string | undefined) {
    this.#source = source;
    this.#position = after;
  }

  get position(): string | undefined {
    return this.#position;
  }

  async next(): Promise<IteratorResult<T, void>> {
    const result = await this.#source.next();
    if (result.done) return result;
    this.#position = result.value.position;
    return { done: false, value: result.value.item };
  }

  async return(): Promise<IteratorResult<T, void>> {
    await this.#source.return();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
