import { isJsonObject, type Json, type JsonObject } from "../../model/json.ts";
import { listAt, objectAt, objectsAt, textAt } from "../fields.ts";
import { duplicate, inRange, invalid, notSupported, oneOf, type Problems, required } from "./field-problem.ts";
import { internalJson } from "./internal-json.ts";

const maximumId = 2147483647;

/** Users and groups that a process may run as. */
export const idProblems = (at: string, value: Json | undefined): Problems =>
  typeof value === "number" ? inRange(at, value, 0, maximumId) : [];

/** A container's security context (ValidateSecurityContext). */
export const security = (container: JsonObject, at: string): Problems => {
  const context = container["securityContext"];
  if (!isJsonObject(context)) return [];
  const problems: Problems[] = [
    idProblems(`${at}.runAsUser`, context["runAsUser"]),
    idProblems(`${at}.runAsGroup`, context["runAsGroup"]),
  ];
  const procMount = context["procMount"];
  if (procMount !== undefined) problems.push(oneOf(`${at}.procMount`, procMount, ["Default", "Unmasked"]));
  problems.push(seccomp(context, `${at}.seccompProfile`));
  if (context["allowPrivilegeEscalation"] === false) {
    if (context["privileged"] === true) {
      problems.push([
        invalid(
          at,
          internalJson(context, "SecurityContext"),
          "cannot set `allowPrivilegeEscalation` to false and `privileged` to true",
        ),
      ]);
    }
    if (listAt(context, "capabilities", "add").includes("CAP_SYS_ADMIN")) {
      problems.push([
        invalid(
          at,
          internalJson(context, "SecurityContext"),
          "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN",
        ),
      ]);
    }
  }
  problems.push(appArmor(context["appArmorProfile"], `${at}.appArmorProfile`));
  return problems.flat();
};

/** A seccomp profile: its type, and a local profile only where one is meant. */
const seccomp = (context: JsonObject, at: string): Problems => {
  const profile = context["seccompProfile"];
  if (!isJsonObject(profile)) return [];
  const type = textAt(profile, "type");
  if (type === "") return [required(`${at}.type`, "type is required when seccompProfile is set")];
  if (type === "Localhost") {
    return textAt(profile, "localhostProfile") === ""
      ? [required(`${at}.localhostProfile`, "must be set when seccomp type is Localhost")]
      : [];
  }
  if (profile["localhostProfile"] !== undefined) {
    return [
      invalid(`${at}.localhostProfile`, profile["localhostProfile"], "can only be set when seccomp type is Localhost"),
    ];
  }
  return oneOf(`${at}.type`, type, ["Localhost", "RuntimeDefault", "Unconfined"]);
};

const appArmor = (profile: Json | undefined, at: string): Problems => {
  if (!isJsonObject(profile)) return [];
  const type = textAt(profile, "type");
  const local = profile["localhostProfile"];
  const place = `${at}.localhostProfile`;
  if (type === "") return [required(`${at}.type`, "type is required when appArmorProfile is set")];
  if (type === "Localhost") {
    if (typeof local !== "string" || local === "")
      return [required(place, "must be set when AppArmor type is Localhost")];
    return local.trim() === local ? [] : [invalid(place, local, "must not be padded with whitespace")];
  }
  if (type !== "RuntimeDefault" && type !== "Unconfined")
    return [notSupported(`${at}.type`, type, ["Localhost", "RuntimeDefault", "Unconfined"])];
  return local === undefined ? [] : [invalid(place, local, "can only be set when AppArmor type is Localhost")];
};

const sysctlPattern = "^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$";

const sysctls = (context: JsonObject, at: string): Problems => {
  const names = objectsAt(context, "sysctls").map((one) => textAt(one, "name"));
  return names.flatMap((name, index) => {
    const place = `${at}[${index}].name`;
    if (name === "") return [required(place)];
    if (name.length > 253 || !new RegExp(sysctlPattern).test(name))
      return [invalid(place, name, `must have at most 253 characters and match regex ${sysctlPattern}`)];
    return names.indexOf(name) < index ? [duplicate(place, name)] : [];
  });
};

/** A pod's security context (validatePodSpecSecurityContext). */
export const podSecurity = (spec: JsonObject, at: string): Problems => {
  const context = objectAt(spec, "securityContext");
  return [
    ...idProblems(`${at}.fsGroup`, context["fsGroup"]),
    ...idProblems(`${at}.runAsUser`, context["runAsUser"]),
    ...idProblems(`${at}.runAsGroup`, context["runAsGroup"]),
    ...listAt(context, "supplementalGroups").flatMap((id, index) =>
      idProblems(`${at}.supplementalGroups[${index}]`, id),
    ),
    ...(spec["shareProcessNamespace"] === true && spec["hostPID"] === true
      ? [invalid(`${at}.shareProcessNamespace`, true, "ShareProcessNamespace and HostPID cannot both be enabled")]
      : []),
    ...sysctls(context, `${at}.sysctls`),
    ...(context["fsGroupChangePolicy"] === undefined
      ? []
      : oneOf(`${at}.fsGroupChangePolicy`, context["fsGroupChangePolicy"], ["Always", "OnRootMismatch"])),
    ...seccomp(context, `${at}.seccompProfile`),
    ...appArmor(context["appArmorProfile"], `${at}.appArmorProfile`),
    ...(context["supplementalGroupsPolicy"] === undefined
      ? []
      : oneOf(`${at}.supplementalGroupsPolicy`, context["supplementalGroupsPolicy"], ["Merge", "Strict"])),
    ...(context["seLinuxChangePolicy"] === undefined
      ? []
      : oneOf(`${at}.seLinuxChangePolicy`, context["seLinuxChangePolicy"], ["Recursive"])),
  ];
};
