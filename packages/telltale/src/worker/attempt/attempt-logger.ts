import type { Logger } from "../../core/index.js";

type Data = Readonly<Record<string, unknown>>;

/** Adds which attempt it is about to each line. */
export class AttemptLogger implements Logger {
  readonly #logger: Logger;
  readonly #job: Readonly<{ id: string; kind: string; attempt: number }>;

  constructor(logger: Logger, job: Readonly<{ id: string; kind: string; attempt: number }>) {
    this.#logger = logger;
    this.#job = job;
  }

  debug(data: Data, message: string): void {
    this.#logger.debug(this.#about(data), message);
  }

  info(data: Data, message: string): void {
    this.#logger.info(this.#about(data), message);
  }

  warn(data: Data, message: string): void {
    this.#logger.warn(this.#about(data), message);
  }

  error(data: Data, message: string): void {
    this.#logger.error(this.#about(data), message);
  }

  #about(data: Data): Data {
    const { id, kind, attempt } = this.#job;
    return { id, kind, attempt, ...data };
  }
}
