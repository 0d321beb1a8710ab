import type { OrphanGuard } from "./orphan-guard.js";
import { removeFolder, type ServerFolder } from "./server-folder.js";
import type { ServerProcess } from "./server-process.js";

const STOP_GRACE_MS = 5_000;

/**
 * A running private server. `await using` stops it at the end of the block. It is also stopped when this process ends.
 */
export interface LocalRedis extends AsyncDisposable {
  /** The first argument for ioredis: redis://127.0.0.1:<port>, or the path of the unix socket. */
  readonly url: string;
  /** The path of the unix socket, which also exists if the server listens on TCP. */
  readonly socketPath: string;
  readonly pid: number;
  /** The folder of its data. `stop` removes it unless the caller chose it. */
  readonly dir: string;
  /** Resolves when the process has ended, for any reason. Never rejects. */
  readonly exited: Promise<void>;
  /**
   * Stops the server with SIGTERM, or SIGKILL after 5 s, and removes its temporary folders. Safe to call twice, and after
   * `kill`.
   */
  stop(): Promise<void>;
  /** Sends SIGKILL, like a crash. Resolves when the process has ended. Its folder is kept until `stop`. */
  kill(): Promise<void>;
}

/** The implementation of {@link LocalRedis}. */
export class RunningRedis implements LocalRedis {
  readonly url: string;
  readonly exited: Promise<void>;
  readonly #server: ServerProcess;
  readonly #folder: ServerFolder;
  #stopping: Promise<void> | undefined;

  constructor(
    url: string,
    server: ServerProcess,
    owns: { readonly folder: ServerFolder; readonly guard: OrphanGuard },
  ) {
    this.url = url;
    this.#server = server;
    this.#folder = owns.folder;
    this.exited = server.exited.then(() => owns.guard.release());
  }

  get pid(): number {
    return this.#server.pid;
  }

  get dir(): string {
    return this.#folder.dir;
  }

  get socketPath(): string {
    return this.#folder.socketPath;
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async kill(): Promise<void> {
    if (this.#server.hasExited()) return;
    this.#server.hold();
    this.#server.signal("SIGKILL");
    await this.#server.exited;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #stop(): Promise<void> {
    if (!this.#server.hasExited()) {
      this.#server.hold();
      this.#server.signal("SIGTERM");
      // A server that was stopped by SIGSTOP, or that runs a long script, does not react to SIGTERM.
      const escalate = setTimeout(() => this.#server.signal("SIGKILL"), STOP_GRACE_MS);
      await this.#server.exited;
      clearTimeout(escalate);
    }
    await removeFolder(this.#folder);
  }
}
