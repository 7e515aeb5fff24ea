import { isJsonObject, type JsonObject } from "../../model/json.ts";
import { parseCron } from "../cron-schedule.ts";
import { objectAt, textAt } from "../fields.ts";
import { invalid, nonNegative, oneOf, type Problems, required } from "./field-problem.ts";
import { validateJobTemplate } from "./job.ts";

const longestName = 52;

/** A CronJob; its Jobs' names are eleven letters longer than its own (pkg/apis/batch/validation, v1.35). */
export const validateCronJob = (spec: JsonObject, cron: JsonObject): Problems => {
  const name = textAt(cron, "metadata", "name");
  return [
    ...schedule(spec),
    ...nonNegative("spec.startingDeadlineSeconds", spec["startingDeadlineSeconds"]),
    ...oneOf("spec.concurrencyPolicy", spec["concurrencyPolicy"] ?? "", ["Allow", "Forbid", "Replace"]),
    ...validateJobTemplate(objectAt(spec, "jobTemplate", "spec"), "spec.jobTemplate.spec"),
    ...nonNegative("spec.successfulJobsHistoryLimit", spec["successfulJobsHistoryLimit"]),
    ...nonNegative("spec.failedJobsHistoryLimit", spec["failedJobsHistoryLimit"]),
    ...(name.length > longestName ? [invalid("metadata.name", name, "must be no more than 52 characters")] : []),
  ];
};

const schedule = (spec: JsonObject): Problems => {
  const text = textAt(spec, "schedule");
  const zone = spec["timeZone"];
  const problems: Problems[] = [];
  if (text === "") problems.push([required("spec.schedule")]);
  else if (text.includes("TZ")) {
    problems.push([invalid("spec.schedule", text, "cannot use TZ or CRON_TZ in schedule, use timeZone field instead")]);
  } else {
    const parsed = parseCron(text);
    if ("error" in parsed) problems.push([invalid("spec.schedule", text, parsed.error)]);
  }
  if (typeof zone === "string") {
    if (zone === "") problems.push([invalid("spec.timeZone", zone, "timeZone must be nil or non-empty string")]);
    else if (/^local$/i.test(zone))
      problems.push([
        invalid(
          "spec.timeZone",
          zone,
          "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones",
        ),
      ]);
    else if (!isTimeZone(zone)) problems.push([invalid("spec.timeZone", zone, `unknown time zone ${zone}`)]);
  }
  return problems.flat();
};

const isTimeZone = (zone: string): boolean => {
  try {
    return isJsonObject({ format: new Intl.DateTimeFormat("en-US", { timeZone: zone }).resolvedOptions().timeZone });
  } catch {
    return false;
  }
};
