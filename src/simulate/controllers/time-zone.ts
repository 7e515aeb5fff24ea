const formats = new Map<string, Intl.DateTimeFormat>();

/** The offset of a time zone from UTC at a time, in milliseconds; zero for none and for unknown zones. */
export const offsetOfZone = (zone: string | undefined): ((time: number) => number) => {
  if (zone === undefined || zone === "" || zone === "UTC" || zone === "Etc/UTC") return () => 0;
  const format = formatOf(zone);
  if (format === undefined) return () => 0;
  return (time) => {
    const parts: Record<string, number> = {};
    for (const { type, value } of format.formatToParts(time)) parts[type] = Number(value);
    const local = Date.UTC(
      parts["year"] ?? 0,
      (parts["month"] ?? 1) - 1,
      parts["day"] ?? 1,
      (parts["hour"] ?? 0) % 24,
      parts["minute"] ?? 0,
      parts["second"] ?? 0,
    );
    return local - Math.floor(time / 1000) * 1000;
  };
};

const formatOf = (zone: string): Intl.DateTimeFormat | undefined => {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  try {
    const format = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
    formats.set(zone, format);
    return format;
  } catch {
    return undefined;
  }
};
