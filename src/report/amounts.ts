import type { Range } from "../simulate/prediction.ts";

/** `3` or `3–7`. */
export const rangeText = (range: Range): string =>
  range.low === range.high ? String(range.low) : `${range.low}–${range.high}`;

/** Addresses as a number; a range of IPv6 holds more than are told apart. */
export const addressesText = (addresses: number): string => (addresses >= 2 ** 51 ? "over 10^15" : String(addresses));

/** `62 %`; `-` where there is nothing to take a share of. */
export const shareText = (part: number, whole: number): string =>
  whole > 0 ? `${Math.round((100 * part) / whole)} %` : "-";

/** Thousandths of a core as cores: `3.86`. */
export const coresText = (milliCpu: number): string => String(Math.round(milliCpu / 10) / 100);

/** Bytes as GiB with one decimal, or MiB below one GiB. */
export const bytesText = (bytes: number): string =>
  bytes >= 2 ** 30 ? `${Math.round((bytes / 2 ** 30) * 10) / 10} GiB` : `${Math.round(bytes / 2 ** 20)} MiB`;
