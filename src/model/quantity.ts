declare const unit: unique symbol;

/** A number that carries its unit in the type and costs nothing at run time. */
export type Quantity<Unit extends string> = number & { readonly [unit]: Unit };

export type MilliCpu = Quantity<"milliCpu">;
export type Bytes = Quantity<"bytes">;
export type Millis = Quantity<"ms">;

export const milliCpu = (value: number): MilliCpu => value as MilliCpu;
export const bytes = (value: number): Bytes => value as Bytes;
export const millis = (value: number): Millis => value as Millis;
export const seconds = (value: number): Millis => (value * 1000) as Millis;
