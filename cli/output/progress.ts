// What does a person read while something takes long?

/** What is over sooner needs no words. */
const PROGRESS_AFTER_MS = 1_000;

export interface Progress {
  show(words: string): void;
  end(): void;
}

/**
 * Tells the latest words once the first second is over, and what follows at once; the same words only once.
 *
 * @param afterMs instead of a second
 */
export function startProgress(
  tell: (words: string) => void,
  afterMs = PROGRESS_AFTER_MS,
): Progress {
  let latest = '';
  let told = '';
  let isLate = false;
  const tellNews = (): void => {
    if (latest === told) return;
    told = latest;
    tell(latest);
  };
  const timer = setTimeout(() => {
    isLate = true;
    tellNews();
  }, afterMs);
  return {
    show(words) {
      latest = words;
      if (isLate) tellNews();
    },
    end: () => clearTimeout(timer),
  };
}
