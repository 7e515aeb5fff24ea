import { objectsOn } from "../../graph/object-clusters.ts";
import type { BehaviourChange } from "../changes.ts";
import type { World } from "../rule.ts";
import { type AlertPicture, type MonitoredData, type MonitoringPicture, monitoringPictures } from "./picture.ts";

type Side = Pick<World, "objects"> & Partial<Pick<World, "platform">>;

/** What a change collects no more or anew, where it goes instead, and which alerts tell somebody else, of clusters that stay. */
export const monitoringChanges = (before: Side, after: Side): readonly BehaviourChange[] => {
  const earlier = new Map(picturesOf(before).map((picture) => [picture.cluster, picture]));
  const changes = picturesOf(after).flatMap((now) => {
    const was = earlier.get(now.cluster);
    return was === undefined ? [] : [...dataChanges(was, now), ...alertChanges(was, now)];
  });
  // An alert on a workspace that clusters share is in the picture of each.
  return [...new Map(changes.map((change) => [change.summary, change])).values()];
};

const picturesOf = ({ platform, objects }: Side): readonly MonitoringPicture[] =>
  platform === undefined
    ? []
    : monitoringPictures(platform, ({ address }) => objectsOn({ platform, objects }, address));

const dataChanges = (was: MonitoringPicture, now: MonitoringPicture): readonly BehaviourChange[] =>
  now.data.flatMap((fresh): readonly BehaviourChange[] => {
    const old = was.data.find((data) => keyOf(data) === keyOf(fresh));
    if (old === undefined || old.state === "unknown" || fresh.state === "unknown") return [];
    const make = (words: string, worse: boolean): BehaviourChange => ({
      area: "monitoring",
      subject: now.cluster,
      summary: `${sentence(fresh.what)} of ${now.cluster} ${words}.`,
      before: old.state === "collected" ? placesOf(old) : old.state,
      after: fresh.state === "collected" ? placesOf(fresh) : fresh.state,
      worse,
    });
    if (old.state !== fresh.state)
      return fresh.state === "collected"
        ? [make(`are collected now${toText(fresh)}`, false)]
        : [make(`are not collected any more: ${fresh.note}`, true)];
    const lost = old.parts.filter((part) => !fresh.parts.includes(part));
    const gained = fresh.parts.filter((part) => !old.parts.includes(part));
    return [
      ...(placesOf(old) === placesOf(fresh)
        ? []
        : [make(`go to ${placesOf(fresh)}, and not to ${placesOf(old)}`, false)]),
      ...(lost.length === 0 || coversAll(fresh.parts) ? [] : [make(`lose ${lost.join(", ")}`, true)]),
      ...(gained.length === 0 || coversAll(old.parts) ? [] : [make(`come with ${gained.join(", ")}`, false)]),
    ];
  });

/** An agent of the manifests is known by its object, all else by what it collects. */
const keyOf = ({ what, by }: MonitoredData): string => (/^DaemonSet\//.test(by) ? (by.split(" ")[0] ?? by) : what);

const coversAll = (parts: readonly string[]): boolean => parts.includes("allLogs");

const placesOf = ({ to }: MonitoredData): string => [...to.map(({ name }) => name)].sort().join(", ");

const toText = (data: MonitoredData): string => (data.to.length === 0 ? "" : `, to ${placesOf(data)}`);

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

const alertChanges = (was: MonitoringPicture, now: MonitoringPicture): readonly BehaviourChange[] =>
  now.alerts.flatMap((fresh): readonly BehaviourChange[] => {
    const old = was.alerts.find(({ alert }) => alert === fresh.alert);
    if (old === undefined || heard(old) === heard(fresh)) return [];
    const isSilent = heard(fresh) === "nobody";
    return [
      {
        area: "monitoring",
        subject: fresh.alert,
        summary: `${fresh.alert} tells ${heard(fresh)}, and not ${heard(old)}${fresh.state === "switched off" ? ": it is switched off" : ""}.`,
        before: heard(old),
        after: heard(fresh),
        worse: isSilent,
      },
    ];
  });

const heard = ({ state, tells }: AlertPicture): string =>
  state === "tells" || (state === "unknown" && tells.length > 0) ? tells.join(", ") : "nobody";
