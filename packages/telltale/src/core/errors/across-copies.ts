type Class = abstract new (...args: never[]) => object;

/**
 * Makes `instanceof` hold across copies of this package in one program: what another copy made with its class of this name is
 * an instance of this one too, if `isUsable`. A subclass still knows only its own instances.
 */
export function shareAcrossCopies(name: string, ours: Class, isUsable: (value: object) => boolean = () => true): void {
  // Registered, not local: the other copy marks its class with the same symbol.
  const mark = Symbol.for(`telltale.${name}`);
  Object.defineProperty(ours.prototype, mark, { value: true });
  Object.defineProperty(ours, Symbol.hasInstance, {
    value(this: unknown, value: unknown): boolean {
      if (Function.prototype[Symbol.hasInstance].call(this, value)) return true;
      return this === ours && typeof value === "object" && value !== null && mark in value && isUsable(value);
    },
  });
}
