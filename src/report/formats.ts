import type { Reporter } from "./report.ts";

/** Every format by its name; each is loaded when it is asked for. */
export const formats: Readonly<Record<string, () => Promise<Reporter>>> = {
  text: async () => (await import("./text.ts")).textReport,
  json: async () => (await import("./json.ts")).jsonReport,
  markdown: async () => (await import("./markdown.ts")).markdownReport,
  sarif: async () => (await import("./sarif.ts")).sarifReport,
  junit: async () => (await import("./junit.ts")).junitReport,
  "code-quality": async () => (await import("./code-quality.ts")).codeQualityReport,
  github: async () => (await import("./annotations.ts")).githubAnnotations,
  "azure-devops": async () => (await import("./annotations.ts")).azureDevopsCommands,
  csv: async () => (await import("./csv.ts")).csvReport,
  html: async () => (await import("./html.ts")).htmlReport,
};
