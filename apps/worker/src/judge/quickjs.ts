import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { newQuickJSWASMModuleFromVariant, newVariant, type QuickJSContext, RELEASE_SYNC } from "quickjs-emscripten";

const PAGES_A_MB = 16;
const FIRST_PAGES = 256;

/**
 * 512 KB are some 2,700 frames of plain recursion. QuickJS must run out of its own stack before the thread runs out of its:
 * the other order is a RangeError in the middle of WebAssembly. Hence STACK_MB in thread-pool.ts.
 */
const STACK_BYTES = 512 * 1024;

/** An empty JavaScript world: one interpreter, one runtime, one context, in a WebAssembly memory of its own. */
export interface World {
  readonly context: QuickJSContext;
  /** The most memory the world ever had, in bytes; WebAssembly memory does not shrink. */
  grownBytes(): number;
}

/** Compiles QuickJS once per thread; a world made of the result costs about 2 ms. */
export async function compileQuickJS(): Promise<WebAssembly.Module> {
  // The binary belongs to a dependency of quickjs-emscripten, which therefore resolves it. Left to itself the library
  // would compile it anew for each world.
  const { resolve } = createRequire(createRequire(import.meta.url).resolve("quickjs-emscripten"));
  return WebAssembly.compile(await readFile(resolve("@jitl/quickjs-wasmfile-release-sync/wasm")));
}

/**
 * Worlds are dropped and never disposed: disposing after an error inside WebAssembly aborts, freeing a hostile heap takes
 * time nobody limits, and the collector takes the whole memory anyway.
 */
export async function createWorld(
  compiled: WebAssembly.Module,
  { memoryMb, shouldInterrupt }: Readonly<{ memoryMb: number; shouldInterrupt: () => boolean }>,
): Promise<World> {
  // Twice the limit: QuickJS counts what it hands out, not what its allocator loses between the pieces.
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
