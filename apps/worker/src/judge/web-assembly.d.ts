// The part of WebAssembly that is used here. TypeScript declares it in its DOM library, which would add all other
// browser types to the worker.
export {};

declare global {
  namespace WebAssembly {
    interface Module {
      readonly [Symbol.toStringTag]: "WebAssembly.Module";
    }
    interface Memory {
      readonly buffer: ArrayBuffer;
    }
    const Memory: new (pages: { initial: number; maximum: number }) => Memory;
    function compile(bytes: Uint8Array): Promise<Module>;
  }
}
