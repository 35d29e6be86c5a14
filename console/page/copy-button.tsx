// How is a text put on the clipboard?
import { useEffect, useState } from 'preact/hooks';

const SHOWN_MS = 2_000;

/** Says what happened to who looks and to who listens. */
export function CopyButton({ text, what }: { text: string; what: string }) {
  const [outcome, setOutcome] = useState<'Copied' | 'Not allowed' | ''>('');
  useEffect(() => {
    if (outcome === '') return;
    const timer = setTimeout(() => {
      setOutcome('');
    }, SHOWN_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [outcome]);
  const copy = async () => {
    try {
      // Without HTTPS or localhost a browser has no clipboard for pages, whatever its type says.
      await navigator.clipboard.writeText(text);
      setOutcome('Copied');
    } catch {
      setOutcome('Not allowed');
    }
  };
  return (
    <>
      <button type="button" class="copy" aria-label={`Copy ${what}`} onClick={() => void copy()}>
        {outcome || 'Copy'}
      </button>
      <span role="status" class="only-heard">
        {outcome}
      </span>
    </>
  );
}

/** A text to copy, in a frame of its own. */
export function CopyText({ text, what }: { text: string; what: string }) {
  return (
    <div class="copy-text">
      <pre aria-label={what}>
        <code>{text}</code>
      </pre>
      <CopyButton text={text} what={what} />
    </div>
  );
}
