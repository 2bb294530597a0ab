/** What the main thread and the thread of a command tell each other. */
export interface ThreadOrder {
  readonly argv: readonly string[];
  readonly stdout: StreamKind;
  readonly stderr: StreamKind;
}

export interface StreamKind {
  readonly isTTY: boolean;
  readonly columns: number | undefined;
}

export type ThreadMessage =
  | { readonly kind: 'write'; readonly stream: 'stdout' | 'stderr'; readonly text: string }
  | { readonly kind: 'end'; readonly status: number };
