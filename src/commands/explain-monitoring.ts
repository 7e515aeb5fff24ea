import { monitoringPictures } from "../findings/monitoring/picture.ts";
import { clusterNamed, objectsOn } from "../graph/object-clusters.ts";
import type { ReadPlatform } from "../read-platform.ts";
import { plainLine } from "../report/escape.ts";
import { pictureTexts } from "../report/monitoring.ts";

/** What of each cluster, or of the one named, is collected, by which agent, where it goes and who is told; `undefined` where there is no such cluster. */
export const explainMonitoring = (
  read: ReadPlatform,
  cluster: string | undefined,
  asJson: boolean,
): string | undefined => {
  const all = monitoringPictures(read.platform, ({ address }) => objectsOn(read, address));
  const wanted = cluster === undefined ? undefined : clusterNamed(read.platform, cluster)?.address;
  if (cluster !== undefined && wanted === undefined) return undefined;
  const pictures = wanted === undefined ? all : all.filter((picture) => picture.cluster === wanted);
  if (asJson) return `${JSON.stringify(pictures, null, 2)}\n`;
  if (pictures.length === 0) return "The configuration makes no cluster.\n";
  const blocks = pictures.map((picture) =>
    [picture.cluster, ...pictureTexts(picture).map((text) => `  ${text}`)]
      .map((line) => `${plainLine(line)}\n`)
      .join(""),
  );
  return blocks.join("\n");
};
