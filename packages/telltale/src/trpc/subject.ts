/** Who is calling. */
export interface Subject {
  /** Stable and unique among all who may call; jobs belong to it. */
  readonly id: string;
  /** May see and act on all jobs. @default false */
  readonly operator?: boolean | undefined;
}
