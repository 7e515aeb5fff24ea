import { parseCron } from "../../kubernetes/cron-schedule.ts";
import { offsetOfZone } from "../controllers/time-zone.ts";

/** A Monday; the scenario may name another day. */
export const assumedDate = "2026-01-05";

/** The calendar of a scenario: its beginning is a time of day in UTC on a date. */
export interface ScenarioClock {
  /** The next moment of a cron expression after `at`, from the scenario's beginning; undefined where there is none. */
  readonly next: (schedule: string, zone: string | undefined, at: number) => number | undefined;
}

/** `start` is the time of day at the beginning, in milliseconds. */
export const scenarioClock = (date: string, start: number): ScenarioClock => {
  const beginning = Date.parse(`${date}T00:00:00Z`) + start;
  const known = new Map<string, ReturnType<typeof parseCron>>();
  return {
    next: (schedule, zone, at) => {
      const key = `${zone ?? ""} ${schedule}`;
      const cron = known.get(key) ?? parseCron(schedule, offsetOfZone(zone));
      known.set(key, cron);
      if ("error" in cron) return undefined;
      const next = cron.next(beginning + at);
      return next === undefined ? undefined : next - beginning;
    },
  };
};
