import type { OrphanGuard } from "./orphan-guard.js";
import { removeFolder, type ServerFolder } from "./server-folder.js";
import type { ServerProcess } from "./server-process.js";

const STOP_GRACE_MS = 5_000;

/** A server of one's own, running. It ends with this process at the latest; `await using` ends it with the block. */
export interface LocalRedis extends AsyncDisposable {
  /** What ioredis takes as its first argument: redis://127.0.0.1:<port>, or the bare path of the unix socket. */
  readonly url: string;
  /** Always there, with TCP too. */
  readonly socketPath: string;
  readonly pid: number;
  /** Where its data is; gone after `stop` unless the caller named it. */
  readonly dir: string;
  /** Settles when the process is gone, whoever ended it. Never rejects. */
  readonly exited: Promise<void>;
  /** SIGTERM, after 5 s SIGKILL, then removes what was temporary. Safe to call twice, and after `kill`. */
  stop(): Promise<void>;
  /** SIGKILL, as a crash would be: resolves when the process is gone; its folder stays until `stop`. */
  kill(): Promise<void>;
}

/** The one implementation of LocalRedis. */
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
      // A server that was stopped by SIGSTOP, or is in a long script, does not hear SIGTERM.
      const escalate = setTimeout(() => this.#server.signal("SIGKILL"), STOP_GRACE_MS);
      await this.#server.exited;
      clearTimeout(escalate);
    }
    await removeFolder(this.#folder);
  }
}
