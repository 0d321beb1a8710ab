type Class = abstract new (...args: never[]) => object;

/**
 * Makes `instanceof` work across several copies of this package in one program. An object that another copy created from its
 * class with the same name counts as an instance of `ours`, if `isUsable` accepts it. Subclasses are not affected.
 */
export function shareAcrossCopies(name: string, ours: Class, isUsable: (value: object) => boolean = () => true): void {
  // Symbol.for, so that all copies mark their classes with the same symbol.
  const mark = Symbol.for(`telltale.${name}`);
  Object.defineProperty(ours.prototype, mark, { value: true });
  Object.defineProperty(ours, Symbol.hasInstance, {
    value(this: unknown, value: unknown): boolean {
      if (Function.prototype[Symbol.hasInstance].call(this, value)) return true;
      return this === ours && typeof value === "object" && value !== null && mark in value && isUsable(value);
    },
  });
}
