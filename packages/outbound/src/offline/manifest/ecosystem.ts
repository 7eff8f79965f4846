import type { CiCdOutput, StageId } from '../../agents/ci-cd.js';

export interface Step {
  readonly id: StageId;
  readonly commands: readonly string[];
  /** What in the manifest asks for it. */
  readonly reason: string;
}

export interface SetupAction {
  readonly uses: string;
  readonly with?: Readonly<Record<string, string>>;
}

/** How one language's project is checked, built and released. Steps are in their order. */
export interface Ecosystem {
  readonly name: CiCdOutput['ecosystems'][number]['name'];
  readonly manifest: string;
  readonly versions: readonly string[];
  readonly packageManager: string;
  readonly setup: (version: string) => readonly SetupAction[];
  readonly steps: readonly Step[];
  /** Environment variable to the name of the repository's secret, for the release. */
  readonly secrets: Readonly<Record<string, string>>;
}
