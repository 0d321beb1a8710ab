// The part of WebAssembly used here. TypeScript keeps these names in its DOM library, which would put the rest of a browser
// in reach of the worker's types too.
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
