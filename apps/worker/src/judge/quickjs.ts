import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { newQuickJSWASMModuleFromVariant, newVariant, type QuickJSContext, RELEASE_SYNC } from "quickjs-emscripten";

const PAGES_A_MB = 16;
const FIRST_PAGES = 256;

/**
 * 512 KB hold about 2,700 frames of plain recursion. QuickJS must exhaust its own stack before the thread's stack
 * overflows, because that would throw a RangeError in the middle of WebAssembly. See STACK_MB in thread-pool.ts.
 */
const STACK_BYTES = 512 * 1024;

/** An empty JavaScript world: one interpreter, one runtime and one context in its own WebAssembly memory. */
export interface World {
  readonly context: QuickJSContext;
  /** The most memory that the world has used, in bytes. WebAssembly memory does not shrink. */
  grownBytes(): number;
}

/** Compiles QuickJS, once per thread. Creating a world from the result takes about 2 ms. */
export async function compileQuickJS(): Promise<WebAssembly.Module> {
  // The binary is in a dependency of quickjs-emscripten, so it is resolved from there. By default, the library would
  // compile it again for each world.
  const { resolve } = createRequire(createRequire(import.meta.url).resolve("quickjs-emscripten"));
  return WebAssembly.compile(await readFile(resolve("@jitl/quickjs-wasmfile-release-sync/wasm")));
}

/**
 * Creates a world. Worlds are dropped and never disposed: disposing after an error inside WebAssembly aborts, freeing
 * the heap of a hostile program can take any time, and garbage collection frees the whole memory anyway.
 */
export async function createWorld(
  compiled: WebAssembly.Module,
  { memoryMb, shouldInterrupt }: Readonly<{ memoryMb: number; shouldInterrupt: () => boolean }>,
): Promise<World> {
  // Twice the limit, because QuickJS does not count what its allocator loses to fragmentation.
  const maximum = Math.max(FIRST_PAGES, 2 * memoryMb * PAGES_A_MB);
  const memory = new WebAssembly.Memory({ initial: FIRST_PAGES, maximum });
  const quickjs = await newQuickJSWASMModuleFromVariant(
    newVariant(RELEASE_SYNC, { wasmModule: compiled, wasmMemory: memory }),
  );
  const runtime = quickjs.newRuntime({
    memoryLimitBytes: memoryMb * 1024 * 1024,
    maxStackSizeBytes: STACK_BYTES,
    interruptHandler: shouldInterrupt,
  });
  return { context: runtime.newContext(), grownBytes: () => memory.buffer.byteLength };
}
