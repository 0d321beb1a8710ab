type Class = abstract new (...args: never[]) => object;

/**
 * Makes `instanceof` work across copies of this package in one program: instances that another copy created of its class of this
 * name count as instances of this class, if `isUsable` accepts them. Subclasses are not affected.
 */
export function shareAcrossCopies(name: string, ours: Class, isUsable: (value: object) => boolean = () => true): void {
  // In the global registry, so that the other copy marks its class with the same symbol.
  const mark = Symbol.for(`telltale.${name}`);
  Object.defineProperty(ours.prototype, mark, { value: true });
  Object.defineProperty(ours, Symbol.hasInstance, {
    value(this: unknown, value: unknown): boolean {
      if (Function.prototype[Symbol.hasInstance].call(this, value)) return true;
      return this === ours && typeof value === "object" && value !== null && mark in value && isUsable(value);
    },
  });
}
